/// Formulas and small matrices are made and dropped by the million: half of the time of a run went to the system's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    equilaw::main(std::env::args_os()).into()
}
