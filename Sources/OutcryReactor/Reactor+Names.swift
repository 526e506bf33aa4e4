import COutcrySystem
import Dispatch
import Glibc
public import OutcryKernel

// Names to addresses.

extension Reactor {
    /// Looks up `host`: a numeric address, or one of ``ReactorOptions/hosts``, at once; another name with
    /// the system's `getaddrinfo` on another thread.
    public func resolve(_ host: String, port: UInt16, _ request: RequestID) {
        if let found = options.hosts[host.lowercased()] {
            outcomes.append((request, .addresses(found.map { $0.with(port: port) })))
            return
        }
        if let found = try? Self.lookUp(host, port, AI_NUMERICHOST) {
            outcomes.append((request, .addresses(found)))
            return
        }
        let completions = completions
        files.names.async {
            let result: RequestResult
            do throws(SystemError) {
                result = .addresses(try Self.lookUp(host, port, 0))
            } catch { result = .failed(error) }
            completions.push(.outcome(request, result))
        }
    }

    private static func lookUp(
        _ host: String, _ port: UInt16, _ flags: Int32
    ) throws(SystemError) -> [SocketAddress] {
        guard !host.utf8.contains(0), !host.isEmpty else {
            throw SystemError(
                call: "getaddrinfo", code: EAI_NONAME,
                message: "a name is not empty and has no zero bytes")
        }
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        unsafe hints.ai_flags = flags | AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        let code = unsafe getaddrinfo(host, String(port), &hints, &list)
        guard code == 0 else {
            if code == EAI_SYSTEM { throw SystemError(last: "getaddrinfo") }
            throw unsafe SystemError(
                call: "getaddrinfo", code: code, message: String(cString: gai_strerror(code)))
        }
        defer { unsafe freeaddrinfo(list) }
        var found: [SocketAddress] = []
        var next = unsafe list
        while let entry = unsafe next {
            if let address = unsafe entry.pointee.ai_addr {
                unsafe found.append(
                    RawAddress(copying: address, length: entry.pointee.ai_addrlen).address)
            }
            unsafe next = unsafe entry.pointee.ai_next
        }
        return found
    }
}
