import Glibc
import OutcryCrypto
import OutcryKernel
import OutcryMarket
import OutcryVenues
import OutcryWire

@testable import OutcrySandbox

/// A sandbox whose only door is MidChains', a quiet market, and users who speak bytes.
final class MidChainsHouse {
    let trading: TradingHouse
    var house: SandboxHouse { trading.house }
    private var random = SeededGenerator(seed: 7)

    init(
        journal: Journal? = nil, _ change: (inout SandboxConfiguration) -> Void = { _ in }
    ) throws {
        trading = try TradingHouse(journal: journal) {
            $0.doors = [SandboxDoor(.loopback(port: 8081), dialect: .midChains)]
            $0.midChains.users = ["alice", "bob"].map {
                SandboxMidChainsUser($0, password: "\($0)'s secret")
            }
            $0.midChains.listings = [("BCHUSD", .btcusd)]
            change(&$0)
        }
    }

    /// A client of the stream, connected.
    func stream() throws -> StreamPeer { try house.stream("/", origin: nil) }

    /// Somebody with an account, logged in; what was pushed then is read.
    func user(
        _ name: String, usd: String = "1000", btc: String = "100"
    ) throws -> StreamPeer {
        _ = try trading.person(name, usd: usd, btc: btc)
        let peer = try stream()
        let answers = try logIn(peer, name, "\(name)'s secret")
        guard answers.first?["result"].text == "OK" else { throw Missing(what: "a login") }
        return peer
    }

    /// Asks for the key, encrypts a password and logs in.
    func logIn(_ peer: StreamPeer, _ name: String, _ password: String) throws -> [JSONTree] {
        let text = try peer.ask(#"{"type":"challenge"}"#).first?["key"].text ?? ""
        let key = try RSAPublicKey(der: try Base64.decode(text))
        let bytes = Array(password.utf8)
        let pass = try key.encrypt(bytes.span, using: &random)
        return try peer.ask(
            #"{"type":"login","userid":"\#(name)","pass":"\#(Base64.encode(pass))"}"#)
    }

    var bid: Int64 { house.exchange.engine.best(.bid) ?? 0 }
    var ask: Int64 { house.exchange.engine.best(.ask) ?? 0 }

    /// A price in dollars.
    func usd(_ units: Int64) -> String { MidChainsText.number(units, 5) }

    /// The documented messages of a file.
    static func samples(_ name: String) throws -> [JSONTree] {
        let folder = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
        let path =
            (folder + ["OutcryVenuesTests", "Recordings", "midchains", "\(name).json"])
            .joined(separator: "/")
        guard let file = unsafe fopen(path, "r") else { throw Missing(what: path) }
        defer { unsafe fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        let count = unsafe fread(&bytes, 1, bytes.count, file)
        return try JSONTree(Array(bytes[..<count]))["messages"].elements.map { message in
            guard case .object(let fields) = message else { return message }
            return .object(fields.filter { $0.key != "dir" })
        }
    }
}
