//! The thin binary: hands the real arguments, environment, clock and streams to the library.

fn main() {}
