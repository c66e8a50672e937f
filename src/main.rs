fn main() -> std::process::ExitCode {
    equilaw::cli::main()
}
