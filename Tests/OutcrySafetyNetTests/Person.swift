import OutcryKernel
import OutcryMarket
import OutcrySimulation
import OutcryVenues
import OutcryWire

@testable import OutcrySandbox

/// A person who has an account at the exchange and signs calls.
final class Person {
    let account: SandboxAccount
    let credentials: MtGoxCredentials
    private let house: NetHouse
    private var nonce: UInt64 = 1_364_767_201_381_791

    /// Opens the account.
    init(_ name: String, _ house: NetHouse) throws {
        let box = Box()
        house.exchangeKernel.start(Opener(name, box))
        _ = house.world.run(within: .seconds(5)) { box.account != nil }
        guard let account = box.account else { throw Missing(what: "an account") }
        self.account = account
        self.house = house
        credentials = try MtGoxCredentials(key: account.key, secret: account.secret)
    }

    private final class Box { var account: SandboxAccount? }

    private final class Opener: Session {
        let name: String
        let box: Box
        init(_ name: String, _ box: Box) { (self.name, self.box) = (name, box) }
        static func handlers(_ on: inout Handlers<Opener>) {
            on(.started) { me, _, my in
                my.ask(
                    .sandboxAccount, to: "exchange",
                    SandboxAccountWish(me.name, money: [.usd("1000"), .btc("10")]),
                    timeout: .seconds(5), then: .testAccount)
            }
            on(.testAccount) { me, answer, _ in
                if case .reply(.success(let account)) = copy answer { me.box.account = account }
            }
        }
    }

    func nextNonce() -> UInt64 {
        nonce += 1
        return nonce
    }

    /// A signed POST: target, form and fields.
    func request(
        _ target: String, _ form: [(String, String)] = [], nonce: UInt64? = nil
    ) -> (body: [UInt8], fields: [String]) {
        let items = [("nonce", "\(nonce ?? nextNonce())")] + form
        let body = Array(PercentEncoding.query(items.map { HTTPQueryItem($0.0, $0.1) }).utf8)
        let fields = credentials.fields(target, body: body.span).map { "\($0.name): \($0.value)" }
        return (body, fields + ["Content-Type: application/x-www-form-urlencoded"])
    }

    /// A signed POST through the SafetyNet.
    func post(
        _ target: String, _ form: [(String, String)] = [], nonce: UInt64? = nil,
        port: UInt16 = NetHouse.netPort
    ) throws -> Reply {
        let (body, fields) = request(target, form, nonce: nonce)
        return try house.get(target, fields, method: "POST", body: body, port: port)
    }

    /// An `op:call` as a message.
    func sealed(_ call: String, _ parameters: [MtGoxParameter] = [], id: String) -> String {
        let body = MtGoxCallBody(
            id: id, call: call, stamp: .nonce(nextNonce()), parameters: parameters)
        return String(
            decoding: MtGoxSealedCall(body.json, credentials: credentials).message(id: id),
            as: UTF8.self)
    }
}

extension Event where Payload == Answer<Result<SandboxAccount, SandboxRefusal>> {
    fileprivate static let testAccount = Self("test.account")
}
