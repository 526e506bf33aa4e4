import OutcryKernel
import OutcryMarket
import OutcrySandbox
import OutcrySimulation
import OutcryVenues
import OutcryWire

/// A sandbox with a quiet market and people who trade in it by signed calls.
final class TradingHouse {
    let house: SandboxHouse
    private let doorman = Doorman()

    /// Asks a sandbox for accounts.
    private final class Doorman: Session {
        var accounts: [SandboxAccount] = []
        var refusals: [SandboxRefusal] = []

        static func handlers(_ on: inout Handlers<Doorman>) {
            on(.testWish) { _, wish, my in
                my.ask(
                    .sandboxAccount, to: "sandbox", wish, timeout: .seconds(1), then: .testAccount)
            }
            on(.testAccount) { me, answer, _ in
                guard case .reply(let outcome) = copy answer else { return }
                switch outcome {
                case .success(let account): me.accounts.append(account)
                case .failure(let refusal): me.refusals.append(refusal)
                }
            }
        }
    }

    /// The market stands still: what happens is what the people do, around 17.5 dollars.
    init(
        seed: UInt64 = 1, journal: Journal? = nil,
        _ change: (inout SandboxConfiguration) -> Void = { _ in }
    ) throws {
        house = try SandboxHouse(seed: seed, journal: journal) {
            $0.speed = 1
            $0.firstStep = .seconds(1_000_000)
            change(&$0)
        }
        house.kernel.start(doorman, alias: "doorman")
        house.run(.milliseconds(10))
    }

    /// A person with an account, dollars and coins.
    func person(
        _ name: String, usd: String = "1000", btc: String = "100", rights: AccessRights = .all
    ) throws -> Trader {
        house.kernel.post(
            .testWish, to: "doorman",
            SandboxAccountWish(
                name,
                money: [
                    Money(usd, .usd), Money(btc, .btc),
                ].compactMap(\.self).filter { $0.units > 0 }, rights: rights))
        house.run(.milliseconds(10))
        guard let account = doorman.accounts.last, account.name == name else {
            throw Missing(what: "an account: \(doorman.refusals)")
        }
        return try Trader(self, account)
    }
}

/// A person who signs calls.
final class Trader {
    let account: SandboxAccount
    let credentials: MtGoxCredentials
    let house: SandboxHouse
    private var nonce: UInt64 = 1_364_767_201_381_791

    init(_ house: TradingHouse, _ account: SandboxAccount) throws {
        self.house = house.house
        self.account = account
        credentials = try MtGoxCredentials(key: account.key, secret: account.secret)
    }

    func nextNonce() -> UInt64 {
        nonce += 1
        return nonce
    }

    /// A signed POST: status and what came.
    func post(
        _ target: String, _ form: [(String, String)] = [], nonce: UInt64? = nil
    ) throws -> (status: Int, body: JSONTree) {
        let reply = try raw(target, form, nonce: nonce)
        return (reply.status, try JSONTree(reply.body))
    }

    func raw(
        _ target: String, _ form: [(String, String)] = [], nonce: UInt64? = nil
    ) throws -> (status: Int, body: [UInt8]) {
        let (target, body, fields) = request(target, form, nonce: nonce)
        let client = HTTPPeer(house)
        client.send(target, fields, method: "POST")
        client.peer.send(body)
        house.run(.milliseconds(10))
        guard let reply = try client.next() else { throw Missing(what: "a reply to \(target)") }
        return (reply.head.status, reply.body)
    }

    /// A signed POST: target, form and fields.
    func request(
        _ target: String, _ form: [(String, String)], nonce: UInt64? = nil
    ) -> (target: String, body: [UInt8], fields: [String]) {
        let items = [("nonce", "\(nonce ?? nextNonce())")] + form
        let body = Array(PercentEncoding.query(items.map { HTTPQueryItem($0.0, $0.1) }).utf8)
        let fields = credentials.fields(target, body: body.span).map { "\($0.name): \($0.value)" }
        return (
            target, body,
            fields + [
                "Content-Type: application/x-www-form-urlencoded", "Content-Length: \(body.count)",
            ]
        )
    }

    /// The value of a call of version 1 that has to succeed.
    func call(_ path: String, _ form: [(String, String)] = []) throws -> JSONTree {
        let (status, body) = try post("/api/1/\(path)", form)
        guard status == 200, body["result"] == .string("success") else {
            throw Missing(what: "success of \(path), found \(status) \(body)")
        }
        return body["return"]
    }

    /// An `op:call` as bytes of a message.
    func sealed(_ call: String, _ parameters: [MtGoxParameter] = [], id: String) -> String {
        let body = MtGoxCallBody(
            id: id, call: call, stamp: .nonce(nextNonce()), parameters: parameters)
        return String(
            decoding: MtGoxSealedCall(body.json, credentials: credentials).message(id: id),
            as: UTF8.self)
    }

    /// A client in this account's channel.
    func listen() throws -> StreamPeer {
        let stream = try house.stream("/")
        _ = try stream.messages()
        let key = try call("generic/idkey").text
        let answer = try stream.ask(#"{"op":"mtgox.subscribe","key":"\#(key)"}"#)
        guard answer.map({ $0["op"].text }) == ["subscribe"] else {
            throw Missing(what: "a subscription, found \(answer)")
        }
        return stream
    }
}

extension Event where Payload == SandboxAccountWish {
    fileprivate static let testWish = Self("test.wish")
}

extension Event where Payload == Answer<Result<SandboxAccount, SandboxRefusal>> {
    fileprivate static let testAccount = Self("test.account")
}
