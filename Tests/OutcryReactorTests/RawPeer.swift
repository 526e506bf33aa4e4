import Glibc
import OutcryKernel

/// A plain blocking socket, for what no well-behaved stream does.
final class RawPeer {
    let number: Int32
    private var isOpen = true

    private static func address(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return address
    }

    /// Connects to 127.0.0.1, without waiting for the outcome if it does not come at once.
    init(connectedTo port: UInt16, waits: Bool = true) throws(SystemError) {
        let kind = SOCK_STREAM.rawValue | (waits ? 0 : SOCK_NONBLOCK.rawValue)
        number = socket(AF_INET, Int32(kind), 0)
        var to = Self.address(port)
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = unsafe withUnsafePointer(to: &to) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(number, $0, size)
            }
        }
        guard result == 0 || (!waits && errno == EINPROGRESS) else {
            throw SystemError(call: "connect", code: errno, message: "test peer")
        }
    }

    /// Listens on a free port of 127.0.0.1 with the smallest queue.
    init(listening: Void) throws(SystemError) {
        number = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var at = Self.address(0)
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = unsafe withUnsafePointer(to: &at) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(number, $0, size)
            }
        }
        guard result == 0, listen(number, 0) == 0 else {
            throw SystemError(call: "listen", code: errno, message: "test peer")
        }
    }

    var port: UInt16 {
        var at = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        _ = unsafe withUnsafeMutablePointer(to: &at) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe getsockname(number, $0, &size)
            }
        }
        return UInt16(bigEndian: at.sin_port)
    }

    func send(_ bytes: [UInt8]) -> Int {
        unsafe bytes.withUnsafeBytes { unsafe Glibc.send(number, $0.baseAddress, $0.count, 0) }
    }

    /// Reads once, and waits up to five seconds for it: the count, or -1 with errno.
    func read() -> Int {
        var patience = timeval(tv_sec: 5, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        _ = unsafe setsockopt(number, SOL_SOCKET, SO_RCVTIMEO, &patience, size)
        var bytes = [UInt8](repeating: 0, count: 1000)
        return unsafe recv(number, &bytes, bytes.count, 0)
    }

    /// Closes with a reset.
    func reset() {
        var hard = linger(l_onoff: 1, l_linger: 0)
        let size = socklen_t(MemoryLayout<linger>.size)
        _ = unsafe setsockopt(number, SOL_SOCKET, SO_LINGER, &hard, size)
        close()
    }

    func close() {
        if isOpen { _ = Glibc.close(number) }
        isOpen = false
    }

    deinit { close() }
}
