import OutcryCrypto
import OutcryKernel
import OutcryMarket
import OutcryServing

/// What a sandbox keeps for its doors of MidChains. In memory only: after a restart the names that clients gave
/// their orders, their times in force and the stops that were not reached are forgotten.
final class MidChainsService {
    var rules: SandboxMidChains
    /// Streams that came through such a door. Only looked up.
    var streams: Set<UInt64> = []
    /// Clients, by their stream.
    var sessions: [UInt64: MidChainsSession] = [:]
    /// Who listens to the book and the trades of each security, in the order in which they came.
    var listeners: [[MidChainsListener]] = []
    /// Orders that the public has been told of. Only looked up.
    var shown: Set<OrderNumber> = []
    /// Lines that are told with what is told now, by book.
    var lines: [[MidChainsLine]] = []
    /// What clients said of their orders, by reference. Only looked up.
    var orders: [String: MidChainsOrder] = [:]
    /// Their references, by ticket. Only looked up.
    var references: [Int64: String] = [:]
    /// References of stops that wait, and of orders that end at a time: in the order in which they came.
    var stops: [String] = []
    var expiring: [String] = []
    var stopCount: Int64 = 0
    /// Stops that a trade has set off.
    var isSetOff = false
    var addressRate: CallRate<String>
    var userRate: CallRate<Int64>
    private var madeKey: RSAPrivateKey?

    /// The securities: those of the books, then the other names.
    let securities: [(name: String, book: BookNumber, isOwn: Bool)]

    init(_ rules: SandboxMidChains, _ instruments: [Instrument]) {
        self.rules = rules
        var securities: [(name: String, book: BookNumber, isOwn: Bool)] = []
        for (place, instrument) in instruments.enumerated() {
            securities.append((instrument.name, BookNumber(UInt8(place)), true))
        }
        for listing in rules.listings {
            guard let place = instruments.firstIndex(of: listing.market) else {
                preconditionFailure("a listing is of one of the sandbox's markets")
            }
            securities.append((listing.security, BookNumber(UInt8(place)), false))
        }
        self.securities = securities
        listeners = securities.map { _ in [] }
        lines = instruments.map { _ in [] }
        let (address, user) = (rules.addressRate, rules.userRate)
        addressRate = CallRate(address?.requests, address?.span)
        userRate = CallRate(user?.requests, user?.span)
    }

    /// The key that passwords are encrypted for, made when it is asked for first.
    func key(_ my: Context) throws(CryptoError) -> RSAPrivateKey {
        if let madeKey { return madeKey }
        let made = my.kernel.outside("sandbox.midchains.key") {
            try? RSAPrivateKey(bits: 1024).der
        }
        guard let made else {
            throw .unusable(what: "an RSA key", expected: "one that libcrypto makes")
        }
        let key = try RSAPrivateKey(der: made)
        madeKey = key
        return key
    }

    /// The place of a security.
    func place(of name: String) -> Int? { securities.firstIndex { $0.name == name } }

    /// The name of a book's market.
    func name(of book: BookNumber) -> String { securities[Int(book.value)].name }

    /// Whether anybody is there.
    var isEmpty: Bool { sessions.isEmpty }
}

/// One client.
final class MidChainsSession {
    let client: SandboxClient
    /// Where it comes from, without its port.
    let address: String
    /// It is cut off where it has not logged in by then.
    var loginBy: KernelTime?
    /// Who it is, once it has logged in.
    var user: (name: String, owner: OwnerNumber)?

    init(_ client: SandboxClient, address: String) {
        self.client = client
        self.address = address
    }
}

/// Who listens to a security.
struct MidChainsListener {
    let session: MidChainsSession
    var book = false
    var trades = false
}

/// One line of a book message.
struct MidChainsLine {
    let side: Side
    /// `A`, `U` or `R`.
    let act: String
    let price: Int64
    let quantity: Int64
    let number: OrderNumber
    let key: String
    /// µs since 1970.
    let stamp: Int64
}

extension Event where Payload == Void {
    static let midChainsTick = Self("sandbox.midChainsTick")
    static let midChainsStops = Self("sandbox.midChainsStops")
}
