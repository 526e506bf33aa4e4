public import OutcryKernel
public import OutcryMarket

/// An account that a sandbox is to open, with money and a key.
public struct SandboxAccountWish: Hashable, Sendable {
    /// Its login; no other account has it.
    public var name: String
    /// What it begins with.
    public var money: [Money]
    /// What its key may do.
    public var rights: AccessRights

    /// An account with a key that may do everything.
    public init(_ name: String, money: [Money] = [], rights: AccessRights = .all) {
        self.name = name
        self.money = money
        self.rights = rights
    }
}

/// An account of a sandbox, as its owner gets to see it, once.
public struct SandboxAccount: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
    /// Its login.
    public let name: String
    /// Its number, which ``SandboxExchange`` knows it by.
    public let owner: OwnerNumber
    /// The API key: `a8f0c118-f963-430a-9150-02fc673afdda`.
    public let key: String
    /// The API secret: 88 characters of base64.
    public let secret: String

    /// Without the secret.
    public var description: String { "account \(name), key \(key)" }
    /// Without the secret.
    public var customMirror: Mirror { Mirror(self, children: ["name": name, "key": key]) }
}

/// Why a sandbox does not do what its owner asks; nothing has changed.
public struct SandboxRefusal: Error, Hashable, CustomStringConvertible {
    /// What was expected, and what came.
    public let description: String
}

/// The question for an account.
public typealias SandboxAccountAsk = Ask<SandboxAccountWish, Result<SandboxAccount, SandboxRefusal>>

extension Event where Payload == SandboxAccountAsk {
    /// To a sandbox: open an account.
    public static let sandboxAccount = Self("sandboxAccount")
}

extension SandboxExchange {
    /// Opens an account with money and a key.
    ///
    /// The money comes piece by piece: of a wish that is refused for its second piece there is the account,
    /// and the first.
    func openAccount(
        _ wish: SandboxAccountWish, _ my: Context
    ) throws(SandboxRefusal) -> SandboxAccount {
        guard (1...64).contains(wish.name.utf8.count), wish.name.utf8.allSatisfy({ $0 >= 0x20 })
        else {
            throw SandboxRefusal(
                description: "expected a name of 1 to 64 bytes without control characters, found "
                    + "\(wish.name.utf8.count) bytes")
        }
        return try together(my) { () throws(SandboxRefusal) in
            let owner = OwnerNumber(try told(.account(name: wish.name), my))
            for money in wish.money {
                try told(
                    .deposit(owner, money.currency, money.units, info: "Sandbox deposit"), my)
            }
            let key = try makeKey(owner, wish.rights, my)
            return SandboxAccount(
                name: wish.name, owner: owner, key: "\(key.guid)", secret: key.secretText)
        }
    }

    /// Answers who asked for an account, when it is written.
    func tell(
        _ ask: SandboxAccountAsk, _ outcome: Result<SandboxAccount, SandboxRefusal>,
        _ my: Context
    ) {
        guard !mustHold(my) else { return hold(.account(ask, outcome)) }
        my.answer(ask, outcome)
    }

    /// Makes a key for an account.
    func makeKey(
        _ owner: OwnerNumber, _ rights: AccessRights, _ my: Context
    ) throws(SandboxRefusal) -> NewAPIKey {
        var words = DrawnWords(my)
        let key = state.access.make(owner: owner, rights: rights, using: &words)
        try told(.key(key), my)
        return key
    }

    /// Does what the sandbox's owner asks.
    @discardableResult func told(
        _ command: ExchangeCommand, _ my: Context
    ) throws(SandboxRefusal) -> Int64 {
        do throws(ExchangeRefusal) { return try perform(command, my) } catch {
            throw SandboxRefusal(description: "\(error)")
        }
    }
}
