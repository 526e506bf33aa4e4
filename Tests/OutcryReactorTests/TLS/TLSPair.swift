import COpenSSL
import OutcryBytes
import OutcryKernel
import Testing

@testable import OutcryReactor

/// A client and a server without sockets: what one has to send is carried to the other by the test.
final class TLSPair {
    /// How much is carried at once.
    var piece = Int.max
    /// Changes what is carried.
    var meddle: (inout [UInt8]) -> Void = { _ in }
    let client: TLSConnection
    let server: TLSConnection
    private(set) var clientOutcome = TLSConnection.Taken.nothing
    private(set) var serverOutcome = TLSConnection.Taken.nothing

    init(
        _ clientContext: TLSContext, _ serverContext: TLSContext, name: String = "good.test",
        protocols: [String] = [], version: Int32 = 0
    ) throws {
        let buffers = TLSBuffers()
        client = try .client(
            clientContext, buffers, TLSClientOptions(protocols: protocols), serverName: name,
            port: 443)
        server = try TLSConnection(serverContext, buffers, name: "client", server: "")
        if version != 0 { _ = unsafe outcry_tls_limit_version(client.ssl, version) }
    }

    /// Carries what is there; false when nothing was.
    @discardableResult func carry(from: TLSConnection, to: TLSConnection) throws -> Bool {
        guard !from.output.isEmpty else { return false }
        let count = min(piece, from.output.count, to.input.room)
        var bytes = from.output.withUnread { span in (0..<count).map { span[$0] } }
        meddle(&bytes)
        from.output.drop(count)
        from.output.settle(into: from.buffers.output, lastRead: 0)
        try to.input.append(bytes)
        return true
    }

    /// Lets both shake hands until nothing happens any more.
    func shakeHands() throws {
        clientOutcome = client.shakeHands()
        while true {
            var isBusy = false
            if try carry(from: client, to: server) {
                isBusy = true
                if serverOutcome == .nothing { serverOutcome = server.shakeHands() }
            }
            if try carry(from: server, to: client) {
                isBusy = true
                if clientOutcome == .nothing { clientOutcome = client.shakeHands() }
            }
            if !isBusy { return }
        }
    }

    var isThrough: Bool { clientOutcome == .bytes(0) && serverOutcome == .bytes(0) }
}

extension TLSConnection {
    /// Reads everything that is whole, `room` bytes at a time, and what came behind it.
    func readAll(room: Int = 1 << 16) -> (bytes: [UInt8], end: Taken) {
        var all: [UInt8] = []
        var space = [UInt8](repeating: 0, count: room)
        while true {
            let taken = unsafe space.withUnsafeMutableBufferPointer { buffer in
                unsafe buffer.baseAddress.map { unsafe read(into: $0, room: room) } ?? .nothing
            }
            guard case .bytes(let count) = taken else { return (all, taken) }
            all += space[..<count]
        }
    }

    func readText() -> String { String(decoding: readAll().bytes, as: UTF8.self) }

    func encrypt(_ text: String) throws { _ = try encrypt(text.utf8.span) }
}

extension TLSContext {
    static func client(
        _ trust: TLSTrust, _ identity: TLSIdentity? = nil
    ) throws -> TLSContext { try TLSContext(.client(trust, identity)) }

    static func server(
        _ identity: TLSIdentity, protocols: [String] = [], clients: TLSTrust? = nil
    ) throws -> TLSContext {
        var options = TLSServerOptions(identity: identity, protocols: protocols)
        options.clientTrust = clients
        return try TLSContext(.server(options))
    }
}

/// The failure in what was taken.
func failure(_ taken: TLSConnection.Taken) -> TLSFailure? {
    if case .failed(let failure) = taken { failure } else { nil }
}
