/// What an API key may do.
///
/// - Source: the protocol reference, section 3.1.
public struct AccessRights: OptionSet, Hashable, Sendable, CustomStringConvertible {
    /// One bit a right.
    public let rawValue: UInt8

    /// Wraps bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Asking for deposit addresses.
    public static let deposit = Self(rawValue: 1)
    /// Reading the account: `info`, `orders`, `wallet/history`.
    public static let getInfo = Self(rawValue: 2)
    /// The merchant's calls; the sandbox has none.
    public static let merchant = Self(rawValue: 4)
    /// Placing and cancelling orders.
    public static let trade = Self(rawValue: 8)
    /// Sending money away.
    public static let withdraw = Self(rawValue: 16)
    /// All of them.
    public static let all: Self = [.deposit, .getInfo, .merchant, .trade, .withdraw]

    /// In the order of the recorded replies: by name.
    private static let table: [(right: Self, name: String)] = [
        (.deposit, "deposit"), (.getInfo, "get_info"), (.merchant, "merchant"), (.trade, "trade"),
        (.withdraw, "withdraw"),
    ]

    /// The names as the venue spells them, in the order of its replies.
    public var names: [String] { Self.table.filter { contains($0.right) }.map(\.name) }

    /// The names with commas between them.
    public var description: String { names.joined(separator: ",") }

    /// The right of a name; nil for a name that is none.
    public init?(named name: some StringProtocol) {
        guard let row = Self.table.first(where: { $0.name == name }) else { return nil }
        self = row.right
    }
}
