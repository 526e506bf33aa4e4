import COutcrySystem
import Glibc
import OutcryKernel

extension SystemError {
    /// An error of a call by its number, in the system's words.
    init(call: String, errno code: Int32) {
        var text = [CChar](repeating: 0, count: 256)
        let message =
            unsafe outcry_error_text(code, &text, text.count) == 0
            ? String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
            : "unknown error"
        self.init(call: call, code: code, message: message)
    }

    /// The error of the call that just failed on this thread.
    init(last call: String) { self.init(call: call, errno: errno) }
}
