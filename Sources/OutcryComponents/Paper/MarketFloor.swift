public import OutcryKernel
import OutcryMarket

/// The recorded markets that a program trades on: reads them, gives each link its own, and ends the program when the
/// last of them is over, as ^C would.
///
/// A driver's variable names the files (``variable``), as `outcry replay --market` has it; the driver is one whose
/// calendar begins with them.
public final class MarketFloor: Session {
    /// The variable of a driver that names the recordings, one a line.
    public static let variable = "OUTCRY_MARKET"
    /// After the end the program has so long to close: its orders can still be cancelled. Then the links go down.
    public static let grace = Duration.seconds(30)
    private static let alias = Alias("market.floor")

    private let paths: [String]
    private var recordings: [Recording?]
    private var problem: String?
    private var unread: Int
    /// The links, and which recording each has.
    private var seats: [(link: String, place: Int)] = []
    private var wishes: [Ask<MarketWish, Outcome<Recording, MarketUnknown>>] = []

    init(_ paths: [String]) {
        self.paths = paths
        recordings = paths.map { _ in nil }
        unread = paths.count
    }

    /// The floor of a kernel whose driver names recordings, which is started where it is not there yet; nil: the
    /// driver names none.
    static func find(on kernel: Kernel) -> Alias? {
        guard let text = kernel.variable(variable) else { return nil }
        if kernel.find(alias) == nil {
            kernel.start(
                MarketFloor(text.split(separator: "\n").map { String($0) }), alias: alias)
        }
        return alias
    }

    /// Declares the handlers.
    public static func handlers(_ on: inout Handlers<MarketFloor>) {
        on(.started) { me, _, my in
            for path in me.paths { my.readFile(path, then: .marketRead) }
        }
        on(.marketRead) { me, outcome, my in me.read(outcome, my) }
        on(.askMarket) { me, ask, my in
            me.wishes.append(copy ask)
            me.answer(my)
        }
        on(.marketOver) { me, _, my in
            my.log.info("the market is over")
            my.after(Self.grace, .marketClosing)
            my.kernel.raise(.interrupt)
        }
        on(.marketClosing) { me, _, my in
            for seat in me.seats { my.post(.closeMarket, to: Alias(seat.link)) }
            my.after(Self.grace, .marketClosed)
        }
        on(.marketClosed) { _, _, my in my.kernel.stop() }
    }

    private func read(_ outcome: borrowing StorageOutcome, _ my: Context) {
        let path = outcome.path
        guard let place = paths.indices.first(where: { paths[$0] == path && recordings[$0] == nil })
        else { return }
        unread -= 1
        switch outcome.result {
        case .bytes(let bytes):
            do throws(RecordingError) { recordings[place] = try Recording(bytes) } catch {
                problem = "\(path): \(error)"
            }
        case .failed(let error): problem = "\(path): \(error)"
        default: problem = "\(path): not read"
        }
        guard unread == 0 else { return }
        if problem != nil {
            // Nobody can trade on what is not there.
            my.kernel.stop()
        } else {
            let end = recordings.compactMap { $0?.end }.max() ?? my.wallNow
            my.at(my.now + (end - my.wallNow), .marketOver)
        }
        answer(my)
    }

    private func answer(_ my: Context) {
        guard unread == 0 else { return }
        for ask in wishes { my.answer(ask, recording(for: ask.question)) }
        wishes = []
    }

    /// The next recording of a venue that no link has yet, else its first: two links may listen to one market.
    private func recording(for wish: MarketWish) -> Outcome<Recording, MarketUnknown> {
        if let problem { return .failure(MarketUnknown(reason: problem)) }
        let name = "\(wish.venue)"
        let places = recordings.indices.filter { recordings[$0]?.head.venue == name }
        let free = places.first { place in
            !seats.contains { $0.place == place && $0.link != wish.link }
        }
        guard let place = free ?? places.first, let recording = recordings[place] else {
            let there = recordings.compactMap { $0?.head.venue }.joined(separator: ", ")
            return .failure(
                MarketUnknown(reason: "expected a recording of \(name), found \(there)"))
        }
        if !seats.contains(where: { $0.link == wish.link }) { seats.append((wish.link, place)) }
        return .success(recording)
    }
}

/// A link that wants a recording to play.
struct MarketWish: Sendable {
    let venue: VenueID
    /// The link's name.
    let link: String
}

/// Why there is no recording for a link.
struct MarketUnknown: Error, Sendable {
    let reason: String
}

extension PaperOptions {
    /// What a kernel's driver says about simulated orders: nil where it says nothing.
    init?(of kernel: Kernel) throws(LinkError) {
        guard
            let text = kernel.variable(Self.variable)
                ?? kernel.variable(MarketFloor.variable).map({ _ in "" })
        else { return nil }
        do throws(PaperOptionsError) { try self.init(text) } catch {
            throw .badPaper("\(Self.variable): \(error)")
        }
    }
}

extension Event where Payload == Ask<MarketWish, Outcome<Recording, MarketUnknown>> {
    static let askMarket = Self("market.ask")
}
extension Event where Payload == Outcome<Recording, MarketUnknown> {
    static let marketTold = Self("market.told")
}
extension Event where Payload == StorageOutcome {
    static let marketRead = Self("market.read")
}
extension Event where Payload == Void {
    static let marketOver = Self("market.over")
    static let marketClosing = Self("market.closing")
    static let marketClosed = Self("market.closed")
    /// Tells what plays a recording for a link that the end of it is to be told now.
    static let closeMarket = Self("market.close")
}
