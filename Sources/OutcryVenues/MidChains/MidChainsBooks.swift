import OutcryMarket

/// The books of one feed, by their market's place. Each message looks at one without holding it once more, which would
/// be two atomic changes of a count.
@safe struct MidChainsBooks {
    private let all: [MidChainsEntryBook]
    // The same as in `all`, which holds them for as long as this is there.
    private let lent = MidChainsBuffer<Lent>()

    @safe private struct Lent: BitwiseCopyable {
        unowned(unsafe) let book: MidChainsEntryBook
    }

    init(_ instruments: [Instrument]) {
        all = instruments.map { MidChainsEntryBook($0) }
        for book in all { lent.append(Lent(book: book)) }
    }

    subscript(place: Int) -> MidChainsEntryBook { all[place] }

    /// Has a book bring near what it will be asked for; see ``MidChainsEntryBook/expect(_:)``.
    @inline(__always)
    func expect(_ place: Int, _ name: MidChainsName) {
        if place < lent.count { with(place) { $0.expect(name) } }
    }

    /// The same with a level.
    @inline(__always)
    func expect(_ place: Int, _ price: Int64, _ side: Side) {
        if place < lent.count { with(place) { $0.expect(price, side) } }
    }

    /// Lends a book.
    @inline(__always)
    func with<Result>(_ place: Int, _ body: (MidChainsEntryBook) -> Result) -> Result {
        let book = unsafe Unmanaged.passUnretained(lent[place].book)
        return unsafe book._withUnsafeGuaranteedRef(body)
    }
}
