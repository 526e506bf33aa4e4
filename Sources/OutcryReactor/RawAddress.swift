import Glibc
import OutcryKernel

/// A socket address as the system wants it.
struct RawAddress {
    private var storage = sockaddr_storage()
    private var length = socklen_t(MemoryLayout<sockaddr_storage>.size)

    /// Room for an address that a call fills in.
    init() {}

    /// Translates `address`.
    ///
    /// - Throws: When a path does not fit: at most 107 bytes, none of them zero.
    init(_ address: SocketAddress) throws(SystemError) {
        switch address {
        case .ipv4(let host, let port):
            put(sa_family_t(AF_INET), at: 0)
            put(port.bigEndian, at: 2)
            put(host.bigEndian, at: 4)
            length = socklen_t(MemoryLayout<sockaddr_in>.size)
        case .ipv6(let high, let low, let scope, let port):
            put(sa_family_t(AF_INET6), at: 0)
            put(port.bigEndian, at: 2)
            put(high.bigEndian, at: 8)
            put(low.bigEndian, at: 16)
            put(scope, at: 24)
            length = socklen_t(MemoryLayout<sockaddr_in6>.size)
        case .unix(let path):
            let bytes = Array(path.utf8)
            guard !bytes.isEmpty, !bytes.contains(0) else {
                throw SystemError(call: "socket path", errno: EINVAL)
            }
            guard bytes.count < MemoryLayout<sockaddr_un>.size - 2 else {
                throw SystemError(call: "socket path", errno: ENAMETOOLONG)
            }
            put(sa_family_t(AF_UNIX), at: 0)
            for (i, byte) in bytes.enumerated() { put(byte, at: 2 + i) }
            length = socklen_t(2 + bytes.count + 1)
        }
    }

    /// The system's number for the family.
    var family: Int32 { Int32(get(0, sa_family_t.self)) }

    /// What the system's form says.
    var address: SocketAddress {
        switch family {
        case AF_INET:
            return .ipv4(
                UInt32(bigEndian: get(4, UInt32.self)), port: UInt16(bigEndian: get(2, UInt16.self))
            )
        case AF_INET6:
            return .ipv6(
                UInt64(bigEndian: get(8, UInt64.self)), UInt64(bigEndian: get(16, UInt64.self)),
                scope: get(24, UInt32.self), port: UInt16(bigEndian: get(2, UInt16.self)))
        default:
            let path = (2..<max(2, Int(length))).map { get($0, UInt8.self) }
            return .unix(String(decoding: path.prefix { $0 != 0 }, as: UTF8.self))
        }
    }

    /// Reads the address that `sockaddr` holds.
    @unsafe init(copying other: UnsafePointer<sockaddr>, length: socklen_t) {
        self.length = min(length, socklen_t(MemoryLayout<sockaddr_storage>.size))
        let count = Int(self.length)
        unsafe withUnsafeMutableBytes(of: &storage) { to in
            unsafe to.copyMemory(from: UnsafeRawBufferPointer(start: other, count: count))
        }
    }

    /// Calls `body` with the address as a call takes it.
    func withPointer<R>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> R) -> R {
        unsafe withUnsafePointer(to: storage) { storage in
            unsafe storage.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe body($0, length)
            }
        }
    }

    /// Calls `body` with the address as a call fills it in.
    mutating func fill<R>(
        _ body: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> R
    ) -> R {
        length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return unsafe withUnsafeMutablePointer(to: &storage) { storage in
            unsafe storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe withUnsafeMutablePointer(to: &length) { unsafe body(address, $0) }
            }
        }
    }

    private mutating func put<T: FixedWidthInteger & BitwiseCopyable>(_ value: T, at offset: Int) {
        unsafe withUnsafeMutableBytes(of: &storage) {
            unsafe $0.storeBytes(of: value, toByteOffset: offset, as: T.self)
        }
    }

    private func get<T: FixedWidthInteger & BitwiseCopyable>(_ offset: Int, _ type: T.Type) -> T {
        unsafe withUnsafeBytes(of: storage) {
            unsafe $0.loadUnaligned(fromByteOffset: offset, as: T.self)
        }
    }
}
