public import OutcryKernel
public import OutcryMarket
public import OutcryWire

/// Why something could not be fetched, and when to ask again.
public struct FetchFailure: Error, Sendable {
    /// Why, in words.
    public let reason: String
    /// Not before this time.
    public let retryAt: KernelTime
    /// The venue was asked, or may have been, or never can be; false: only its budget did not allow it now.
    public let wasTried: Bool

    /// Names a reason.
    public init(reason: String, retryAt: KernelTime, wasTried: Bool) {
        self.reason = reason
        self.retryAt = retryAt
        self.wasTried = wasTried
    }
}

extension Event where Payload == Ask<Instrument, Outcome<BookSnapshot, FetchFailure>> {
    /// Asks for a whole book, newer than the question.
    public static let fetchSnapshot = Self("snapshots.fetch")
}

extension Event where Payload == Ask<CacheKey, Outcome<CacheValue, FetchFailure>> {
    /// Asks for anything that the venue tells without a signature. A whole book may be one that was asked for
    /// by somebody else shortly before.
    public static let fetch = Self("snapshots.fetchAny")
}

/// Fetches over HTTP what is not in the stream, whole books above all, within the venue's limits.
public final class FetchService: Session {
    private typealias Joined = Ask<CacheKey, Outcome<CacheValue, FetchFailure>>

    private let link: Link
    private let venue: any Venue
    private let url: VenueURL
    /// The whole books that are on their way, and who waits for them besides the one who asked.
    private var books: [(number: UInt64, instrument: Instrument, joined: [Joined])] = []
    private var numbers: UInt64 = 0

    /// Makes the service of `link`, which calls the host of `url`.
    public init(_ link: Link, _ venue: any Venue, url: VenueURL) {
        self.link = link
        self.venue = venue
        self.url = url
    }

    /// Declares the handlers.
    public static func handlers(_ on: inout Handlers<FetchService>) {
        on(.fetchSnapshot) { me, ask, my in
            let ask = copy ask
            my.task { my in
                switch await me.fetchBook(ask.question, of: .snapshot, my) {
                case .success(let book): my.answer(ask, .success(book))
                case .failure(let failure): my.answer(ask, .failure(failure))
                }
            }
        }
        on(.fetch) { me, ask, my in me.fetch(copy ask, my) }
    }

    private func fetch(_ ask: Joined, _ my: Context) {
        let key = ask.question
        if key.kind == .fullDepth, let instrument = key.instrument {
            if let place = books.firstIndex(where: { $0.instrument == instrument }) {
                return books[place].joined.append(ask)
            }
            my.task { my in
                switch await self.fetchBook(instrument, of: .spareSnapshot, my) {
                case .success(let book): my.answer(ask, .success(.book(book)))
                case .failure(let failure): my.answer(ask, .failure(failure))
                }
            }
            return
        }
        my.task { my in
            guard let target = self.venue.fetchTarget(key) else {
                my.answer(
                    ask,
                    .failure(
                        FetchFailure(
                            reason: "\(self.venue.id) has no call for \(key)",
                            retryAt: my.now + .seconds(3600), wasTried: true)))
                return
            }
            my.answer(
                ask,
                await self.call(target, of: .query, "\(key)", my) { reply, my in
                    try self.venue.fetched(key, from: reply, at: my.wallNow)
                })
        }
    }

    /// Fetches a whole book, and gives it to who joined meanwhile.
    private func fetchBook(
        _ instrument: Instrument, of kind: RequestKind, _ my: Context
    ) async -> Outcome<BookSnapshot, FetchFailure> {
        numbers += 1
        let number = numbers
        books.append((number, instrument, []))
        let venue = venue
        let result = await call(
            venue.snapshotTarget(instrument), of: kind, "snapshot", my
        ) { reply, _ in
            if kind == .snapshot { try Self.requireNew(reply) }
            return try venue.snapshot(instrument, from: reply)
        }
        guard let place = books.firstIndex(where: { $0.number == number }) else { return result }
        for ask in books.remove(at: place).joined {
            switch result {
            case .success(let book): my.answer(ask, .success(.book(book)))
            case .failure(let failure): my.answer(ask, .failure(failure))
            }
        }
        return result
    }

    /// A book joins the stream by when it was asked for: a reply that was kept somewhere on its way, which `Age` says
    /// (RFC 9111, a SafetyNet whose upstream is lost), may be older than the subscription.
    private static func requireNew(_ reply: HTTPReply) throws(OldSnapshot) {
        guard let text = reply.head.fields["Age"], let age = Int(text), age > 0 else { return }
        throw OldSnapshot(age: age)
    }

    /// Makes one call, if the budget of `kind` allows it.
    private func call<Value>(
        _ target: String, of kind: RequestKind, _ what: String, _ my: Context,
        _ read: (HTTPReply, Context) throws -> Value
    ) async -> Outcome<Value, FetchFailure> {
        func failure(
            _ reason: String, in pause: Duration, wasTried: Bool = true
        ) -> Outcome<Value, FetchFailure> {
            .failure(
                FetchFailure(reason: reason, retryAt: my.now + pause, wasTried: wasTried))
        }
        do {
            let permit = try await my.ask(.permit, to: link.limits, kind, timeout: .seconds(5))
            if case .spent(let until) = permit {
                let budget = kind == .query ? "calls" : "snapshots"
                return failure(
                    "the venue's budget of \(budget) is spent", in: until - my.now,
                    wasTried: false)
            }
            let reply = try await my.ask(
                .httpCall, to: link.http, HTTPCall(get: target, at: url), timeout: .seconds(45))
            switch reply {
            case .failure(let problem):
                return failure("\(what): \(problem)", in: .seconds(5))
            case .success(let reply):
                if my.hasListeners(.httpExchange) {
                    my.publish(
                        .httpExchange,
                        HTTPExchange(target: target, status: reply.head.status, body: reply.body))
                }
                return .success(try read(reply, my))
            }
        } catch {
            return failure("\(what): \(error)", in: .seconds(10))
        }
    }
}

/// A whole book that cannot be joined with the stream.
private struct OldSnapshot: Error, CustomStringConvertible {
    /// In seconds.
    let age: Int

    var description: String { "expected a book as it is now, found one that is \(age) s old" }
}
