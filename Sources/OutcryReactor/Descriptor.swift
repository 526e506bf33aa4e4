import Glibc
import OutcryKernel

/// A file descriptor with one owner: closed when that ends.
struct Descriptor: ~Copyable, Sendable {
    /// The system's number; valid as long as this value lives.
    let number: Int32

    /// Takes the ownership of what `call` returned.
    ///
    /// - Throws: The system's error when that is no descriptor.
    init(_ number: Int32, from call: String) throws(SystemError) {
        guard number >= 0 else { throw SystemError(last: call) }
        self.number = number
    }

    deinit { _ = close(number) }
}
