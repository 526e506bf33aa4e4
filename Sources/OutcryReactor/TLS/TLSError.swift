import COpenSSL
import OutcryKernel

/// What libssl keeps in its queue of errors, on this thread.
enum TLSError {
    /// The reason of the first error, and its words; the queue is empty then.
    static func take() -> (reason: Int32, words: String) {
        let code = ERR_peek_error()
        defer { ERR_clear_error() }
        guard code != 0 else { return (0, "an error without a name") }
        let reason = ERR_GET_LIB(code) == ERR_LIB_SSL ? ERR_GET_REASON(code) : 0
        guard let words = unsafe ERR_reason_error_string(code) else {
            return (reason, "error \(String(code, radix: 16))")
        }
        return unsafe (reason, String(cString: words))
    }

    /// What the options should have held, and what libssl said of them.
    static func options(_ name: String, _ expected: String) -> TLSFailure {
        TLSFailure(.options, name: name, expected: expected, found: take().words)
    }

    /// Calls `body` with room for a text of libssl's, and returns that.
    static func text(
        _ size: Int = 512, _ body: (UnsafeMutablePointer<CChar>, Int) -> Void
    ) -> String {
        var bytes = [CChar](repeating: 0, count: size)
        unsafe bytes.withUnsafeMutableBufferPointer { buffer in
            if let base = buffer.baseAddress { unsafe body(base, size) }
        }
        return String(
            decoding: bytes.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
