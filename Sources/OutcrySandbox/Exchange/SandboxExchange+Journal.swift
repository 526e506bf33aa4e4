import OutcryComponents
import OutcryKernel
import OutcryWire

// What the exchange is told, kept before anybody hears of it.

/// Something for clients that waits for the journal.
enum Output {
    /// For everybody who listens to a public channel.
    case broadcast(Int, [UInt8])
    /// For one client of the stream.
    case message(SandboxClient, [UInt8])
    /// The answer to an HTTP call.
    case reply(FinishedReply)
    /// The answer to the owner.
    case admin(Ask<AdminCall, AdminReply>, AdminReply)
    /// The account that somebody in this process asked for.
    case account(SandboxAccountAsk, Result<SandboxAccount, SandboxRefusal>)
}

extension Output {
    /// About how much memory it takes.
    var byteCount: Int {
        switch self {
        case .broadcast(_, let message), .message(_, let message): message.count + 64
        case .reply(let reply): reply.body.count + 512
        case .admin, .account: 512
        }
    }
}

/// An output, and how many records have to be written first.
struct HeldOutput {
    let after: Int
    /// 1, 2, 3 …
    let number: Int
    let output: Output
}

extension SandboxExchange {
    /// Does what it is told, keeps it, and tells what came of it.
    ///
    /// - Returns: The number that the command made.
    @discardableResult func perform(
        _ command: ExchangeCommand, _ my: Context
    ) throws(ExchangeRefusal) -> Int64 {
        let now = my.wallNow.microseconds
        let number = try state.apply(command, at: now, into: &effects)
        keep(command, number: number, at: now, my)
        if !faults.tellsLate { tell(my) }
        if !state.queue.isEmpty { armQueue(my) }
        return number
    }

    /// Writes a command into the journal that was applied already.
    func keep(_ command: ExchangeCommand, number: Int64 = 0, at now: Int64, _ my: Context) {
        guard journal != nil else { return }
        let record = command.record(
            at: now, number: number, instruments: configuration.instruments)
        if unit != nil { unit?.append(record) } else { keep([record], my) }
    }

    /// What the body does is kept together or not at all.
    func together<Result, Failure: Error>(
        _ my: Context, _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        guard unit == nil else { return try body() }
        unit = []
        defer {
            keep(unit ?? [], my)
            unit = nil
        }
        return try body()
    }

    private func keep(_ records: [JournalRecord], _ my: Context) {
        guard !records.isEmpty else { return }
        if commit.isSettled { my.yield(.sandboxCommit) }
        commit.add(records)
    }

    /// Goes on where the journal ends.
    func restore(_ my: Context) throws {
        guard let journal else { return }
        var count: Int64 = 0
        try journal.replay { (record) throws(JournalError) in
            count += 1
            guard let command = ExchangeCommand(record, instruments: configuration.instruments)
            else { throw .damaged(record: count, "no command: \(record.kind)") }
            let number: Int64
            do throws(ExchangeRefusal) {
                number = try state.apply(command, at: record.time, into: &effects)
            } catch {
                throw .damaged(record: count, "\(record.kind): \(error)")
            }
            guard number == record.number ?? 0 else {
                throw .damaged(
                    record: count,
                    "\(record.kind): expected \(record.number ?? 0) of it, found \(number)")
            }
            effects.removeAll(keepingCapacity: true)
        }
        restored = Int(count)
        if count > 0 { my.log.info("goes on after", count, "records of", journal.path) }
    }

    // MARK: Writing

    /// Whether what is told now could be of something that is not written yet, behind what waits for that,
    /// or more than a turn may put.
    func mustHold(_ my: Context) -> Bool {
        !commit.isSettled || unit?.isEmpty == false || !held.isEmpty || mustPause(my)
    }

    /// Keeps something for clients until everything before it is written.
    func hold(_ output: Output) {
        heldBytes += output.byteCount
        heldEver += 1
        let after = commit.added + (unit?.count ?? 0)
        held.append(HeldOutput(after: after, number: heldEver, output: output))
    }

    /// Begins to write what has gathered.
    func writeNext(_ my: Context) {
        guard !isBroken, let journal, let batch = commit.next() else { return }
        my.offload({ try journal.append(batch) }, then: .sandboxWritten)
    }

    /// A batch is written, or cannot be: then nobody may hear of it, and the exchange ends.
    func written(_ outcome: Result<Void, any Error>, _ my: Context) throws {
        do { try outcome.get() } catch {
            isBroken = true
            failure = error
            held.removeAll()
            throw error
        }
        commit.finish()
        writeNext(my)
        release(my)
        hearNews(my)
    }

    /// Lets go what waited for records that are written, as much as may be at once.
    func release(_ my: Context) {
        var count = 0
        for entry in held {
            guard entry.after <= commit.written, !mustPause(my) else { break }
            count += 1
            heldBytes -= entry.output.byteCount
            release(entry, my)
        }
        held.removeFirst(count)
        listenAgain()
    }

    // MARK: Too much

    /// Bytes for clients that may wait for the journal before nobody is listened to any more.
    static let mostHeldBytes = 64 << 20

    /// Whether so much waits for the journal that nobody is listened to, and the market stands still.
    var isOverfull: Bool { heldBytes > Self.mostHeldBytes }

    /// Those that were not listened to are.
    private func listenAgain() {
        guard !unheard.isEmpty, heldBytes < Self.mostHeldBytes / 2 else { return }
        let numbers = unheard
        unheard.removeAll()
        for number in numbers { connections[number]?.stream.continueReading() }
    }

    private func release(_ entry: HeldOutput, _ my: Context) {
        switch entry.output {
        case .broadcast(let channel, let message):
            broadcast(message, channel, heldAs: entry.number, my)
        case .message(let client, let message):
            if isHere(client) { put(message, to: client, my) }
        case .reply(let reply): answer(reply, isLate: true, my)
        case .admin(let ask, let reply): my.answer(ask, reply)
        case .account(let ask, let outcome): my.answer(ask, outcome)
        }
    }

    private func isHere(_ client: SandboxClient) -> Bool {
        switch client.carrier {
        case .webSocket(let connection): clients[connection.number] === client
        case .socketIO(let session): sessionClients[session.number] === client
        }
    }

    /// Answers an HTTP call, when that may be.
    func reply(
        _ status: Int, _ fields: HTTPFields, _ body: [UInt8], on connection: ServerConnection,
        _ my: Context
    ) {
        let page = faults.page
        let reply = FinishedReply(
            connection: connection, status: page?.status ?? status,
            fields: page?.fields ?? fields, body: page?.body ?? body)
        guard !mustHold(my) else { return hold(.reply(reply)) }
        answer(reply, isLate: false, my)
    }
}

/// Secret words of the kernel's, drawn before they are needed: a context cannot be kept.
struct DrawnWords: RandomNumberGenerator {
    private var words: [UInt64]

    /// Draws enough for what the exchange keeps to itself, or for a key.
    init(_ my: Context) { words = (0..<64).map { _ in my.entropy() } }

    mutating func next() -> UInt64 {
        guard let word = words.popLast() else { preconditionFailure("64 words are enough") }
        return word
    }
}
