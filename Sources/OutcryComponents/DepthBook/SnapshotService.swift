public import OutcryKernel
public import OutcryMarket
public import OutcryWire

/// Why there is no snapshot, and when to ask again.
public struct SnapshotFailure: Error, Sendable {
    /// What was asked for.
    public let instrument: Instrument
    /// Why, in words.
    public let reason: String
    /// Not before this time.
    public let retryAt: KernelTime
    /// The venue was asked, or may have been: the try counts against its limits.
    public let wasTried: Bool
}

extension Event where Payload == Ask<Instrument, Outcome<BookSnapshot, SnapshotFailure>> {
    /// Asks for a whole book.
    public static let fetchSnapshot = Self("snapshots.fetch")
}

/// Fetches whole books over HTTP, within the venue's limits.
public final class SnapshotService: Session {
    private let link: Link
    private let venue: any Venue
    private let url: VenueURL

    /// Makes the service of `link`, which calls the host of `url`.
    public init(_ link: Link, _ venue: any Venue, url: VenueURL) {
        self.link = link
        self.venue = venue
        self.url = url
    }

    /// Declares the handlers.
    public static func handlers(_ on: inout Handlers<SnapshotService>) {
        on(.fetchSnapshot) { me, ask, my in
            let ask = copy ask
            my.task { my in
                let result = await me.fetch(ask.question, my)
                my.answer(ask, result)
            }
        }
    }

    private func fetch(
        _ instrument: Instrument, _ my: Context
    ) async -> Outcome<BookSnapshot, SnapshotFailure> {
        func failure(
            _ reason: String, in pause: Duration, wasTried: Bool = true
        ) -> Outcome<BookSnapshot, SnapshotFailure> {
            .failure(
                SnapshotFailure(
                    instrument: instrument, reason: reason, retryAt: my.now + pause,
                    wasTried: wasTried))
        }
        do {
            let permit = try await my.ask(
                .permit, to: link.limits, .snapshot, timeout: .seconds(5))
            if case .spent(let until) = permit {
                return failure(
                    "the venue's budget of snapshots is spent", in: until - my.now,
                    wasTried: false)
            }
            let reply = try await my.ask(
                .httpCall, to: link.http,
                HTTPCall(get: venue.snapshotTarget(instrument), at: url), timeout: .seconds(45))
            switch reply {
            case .failure(let problem):
                return failure("snapshot: \(problem)", in: .seconds(5))
            case .success(let reply):
                if my.hasListeners(.httpExchange) {
                    my.publish(
                        .httpExchange,
                        HTTPExchange(
                            target: venue.snapshotTarget(instrument), status: reply.head.status,
                            body: reply.body))
                }
                return .success(try venue.snapshot(instrument, from: reply))
            }
        } catch {
            return failure("snapshot: \(error)", in: .seconds(10))
        }
    }
}
