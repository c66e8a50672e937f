/// Formulas and small matrices are made and dropped by the million: half of the time of a run went to the system's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Matrices of a hundred megabytes are made and dropped in turn. What is free is kept for the next one: given back to the system, it would be
/// cleared again.
fn keep_free_memory() {
    /// `mi_option_purge_delay` of mimalloc 3, in milliseconds; none for −1.
    const PURGE_DELAY: libmimalloc_sys::mi_option_t = 15;
    // SAFETY: an option is set before other threads are there.
    unsafe { libmimalloc_sys::mi_option_set(PURGE_DELAY, -1) }
}

fn main() -> std::process::ExitCode {
    keep_free_memory();
    equilaw::main(std::env::args_os()).into()
}
