import Dispatch
import Glibc

/// An HTTP server on a thread of its own that says "I keep the connection" with each reply, and closes it.
final class HastyServer: Sendable {
    let port: UInt16
    private let hasClosed = DispatchSemaphore(value: 0)

    struct NoSocket: Error {}

    /// Listens; takes one connection for each of `replies`, which are bodies of JSON.
    init(_ replies: [String]) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = unsafe withUnsafeMutableBytes(of: &address) { bytes in
            guard let start = bytes.baseAddress else { return Int32(-1) }
            let name = unsafe start.assumingMemoryBound(to: sockaddr.self)
            guard unsafe bind(listener, name, size) == 0, listen(listener, 8) == 0 else {
                return -1
            }
            return unsafe getsockname(listener, name, &size)
        }
        guard result == 0 else { throw NoSocket() }
        port = UInt16(bigEndian: address.sin_port)
        DispatchQueue.global().async { [hasClosed] in
            for reply in replies {
                let file = accept(listener, nil, nil)
                Self.answer(file, reply)
                close(file)
                hasClosed.signal()
            }
            close(listener)
        }
    }

    /// Waits until a connection has been closed; false where that takes too long.
    func waitForClose() -> Bool { hasClosed.wait(timeout: .now() + 60) == .success }

    private static func answer(_ file: Int32, _ reply: String) {
        // A form ends with the last byte of the body, a GET with an empty line.
        var request: [UInt8] = []
        while !isWhole(request) {
            var piece = [UInt8](repeating: 0, count: 4096)
            let count = unsafe read(file, &piece, piece.count)
            guard count > 0 else { return }
            request += piece[..<count]
        }
        let text = "HTTP/1.1 200 OK\r\nContent-Length: \(reply.utf8.count)\r\n\r\n\(reply)"
        let bytes = Array(text.utf8)
        _ = unsafe write(file, bytes, bytes.count)
    }

    private static func isWhole(_ request: [UInt8]) -> Bool {
        let text = String(decoding: request, as: UTF8.self)
        guard let end = text.firstRange(of: "\r\n\r\n") else { return false }
        let head = text[..<end.lowerBound].lowercased()
        guard let field = head.firstRange(of: "content-length: ") else { return true }
        let length = Int(head[field.upperBound...].prefix { $0.isNumber }) ?? 0
        return text[end.upperBound...].utf8.count >= length
    }
}
