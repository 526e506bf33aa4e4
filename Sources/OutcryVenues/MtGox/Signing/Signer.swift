import OutcryComponents
import OutcryCrypto
public import OutcryKernel
import OutcryWire

/// Signs the calls of one key, each with a nonce or a tonce that was never used before: not by another
/// connection, another process or an earlier run.
///
/// It is asked by `mtgox.seal`, answers its gateway by `mtgox.sealed` or `mtgox.notSealed`, and is told by
/// `mtgox.sealDone` that a reply has come. What it hears of the venue's clock (`mtgox.clock`) corrects its own;
/// when they are more than two seconds apart it publishes `clockSkew`.
///
/// With tonces calls go side by side; a block of them is always at hand, so that no call waits for a file.
/// With nonces one call of a key goes at a time, and the next when its reply has come.
public final class MtGoxSigner: Session {
    /// Where a key comes from when a signer starts: a prompt, a vault. It may take its time; calls wait.
    public typealias Keys =
        nonisolated(nonsending) (_ my: Context) async throws -> MtGoxCredentials

    private let gateway: Alias
    private let options: MtGoxSignerOptions
    private let marks: MtGoxMarks
    private let keys: Keys?
    // A signer is used on its kernel's thread, one event after the other: see ARCHITECTURE.md on exclusivity.
    @safe @exclusivity(unchecked) private var machine: MtGoxSignerMachine
    @safe @exclusivity(unchecked) private var seal: MtGoxSeal?
    /// What was asked before there was a key; nil when there will be none.
    private var early: [MtGoxSealJob]? = []
    private var lock: FileLock?

    /// Makes a signer for a key that is there.
    ///
    /// - Parameters:
    ///   - gateway: Who gets the signed calls.
    ///   - marks: What signers of the same key share where there is no folder.
    public init(
        _ credentials: MtGoxCredentials, gateway: Alias,
        options: MtGoxSignerOptions = MtGoxSignerOptions(), marks: MtGoxMarks = MtGoxMarks()
    ) {
        self.gateway = gateway
        self.options = options
        self.marks = marks
        keys = nil
        seal = MtGoxSeal(credentials)
        machine = MtGoxSignerMachine(options.stamps, hasLock: options.folder != nil)
    }

    /// Makes a signer that asks for its key when it starts; where that throws, calls are not signed.
    public init(
        gateway: Alias, options: MtGoxSignerOptions = MtGoxSignerOptions(),
        marks: MtGoxMarks = MtGoxMarks(), keys: @escaping Keys
    ) {
        self.gateway = gateway
        self.options = options
        self.marks = marks
        self.keys = keys
        machine = MtGoxSignerMachine(options.stamps, hasLock: options.folder != nil)
    }

    /// Declares the handlers.
    public static func handlers(_ on: inout Handlers<MtGoxSigner>) {
        on(.started) { me, _, my in me.begin(my) }
        on(.stopped) { me, _, my in me.unlock(my) }
        on(.mtgoxSeal) { me, job, my in me.take(job, my) }
        on(.mtgoxSealDone) { me, number, my in
            me.early?.removeAll { $0.number == number }
            me.perform(me.machine.done(number, my.moment), my)
        }
        on(.mtgoxClock) { me, reading, my in
            me.perform(me.machine.take(reading, my.moment), my)
        }
        on(.signerMark) { me, outcome, my in
            me.perform(me.machine.marked(outcome.mark, my.moment), my)
        }
        on(.signerLock) { me, outcome, my in
            let error: SystemError? =
                if case .failed(let error) = outcome.result { error } else { nil }
            if error != nil { me.lock = nil }
            me.perform(me.machine.locked(error, my.moment), my)
        }
        on(.signerLook) { me, _, my in
            if me.seal != nil { me.perform(me.machine.look(my.moment), my) }
        }
        on(.signerLate) { me, number, my in
            my.log.warning("no reply to a signed call", number)
            me.perform(me.machine.late(number, my.moment), my)
        }
        on(.mtgoxSignerCounters) { me, ask, my in my.answer(ask, me.counters) }
    }

    /// What it has done, and what waits.
    public var counters: MtGoxSignerCounters {
        var counters = machine.counters
        counters.waiting += early?.count ?? 0
        return counters
    }

    // MARK: Keys

    private func begin(_ my: Context) {
        if seal != nil { return open(my) }
        guard let keys else { return }
        my.task { my in
            do {
                self.seal = MtGoxSeal(try await keys(my))
                self.open(my)
            } catch let error as CancellationError {
                throw error
            } catch {
                self.refuseEarly("\(error)", my)
            }
        }
    }

    private func open(_ my: Context) {
        if options.stamps == .tonce {
            // Half of what a block is fresh for: between two looks none can get old.
            my.every(.microseconds(TonceBlocks.fresh / 2), .signerLook)
            perform(machine.look(my.moment), my)
        }
        let jobs = early ?? []
        early = []
        for job in jobs { take(job, my) }
    }

    private func refuseEarly(_ reason: String, _ my: Context) {
        my.log.error("no key", reason)
        for job in early ?? [] {
            perform([machine.refuse(job.number, "there is no key: \(reason)")], my)
        }
        early = nil
    }

    // MARK: Calls

    private func take(_ job: MtGoxSealJob, _ my: Context) {
        guard seal != nil else {
            if early == nil {
                perform([machine.refuse(job.number, "there is no key")], my)
            } else {
                early?.append(job)
            }
            return
        }
        if case .stream = job.carrier, job.call.streamName == nil {
            let reason = "\(job.call) has no name in the stream"
            return perform([machine.refuse(job.number, reason)], my)
        }
        let moment = my.moment
        guard let stamp = machine.stampAtOnce(moment) else {
            return perform(machine.add(job, moment), my)
        }
        send(job, stamp, my)
        if machine.needsLook(moment) { perform(machine.look(moment), my) }
    }

    private func send(_ job: MtGoxSealJob, _ stamp: MtGoxCallStamp, _ my: Context) {
        guard let message = seal?.message(job, stamp) else { return }
        my.post(
            .mtgoxSealed, to: gateway,
            MtGoxSealed(number: job.number, stamp: stamp, message: message))
    }

    private func perform(_ actions: [MtGoxSignerMachine.Action], _ my: Context) {
        for action in actions {
            switch action {
            case .seal(let job, let stamp): send(job, stamp, my)
            case .refuse(let number, let reason):
                my.post(
                    .mtgoxNotSealed, to: gateway, MtGoxSealFailure(number: number, reason: reason))
            case .take(let mark, let floor, let count): take(mark, floor, count, my)
            case .lock:
                lock = my.lockFile(path("nonce.lock"), waits: true, then: .signerLock)
            case .unlock: unlock(my)
            case .await(let number):
                my.after(options.replyDeadline, .signerLate, number, named: "reply")
            case .rest: my.cancel(named: "reply")
            case .look(let microseconds):
                my.after(.microseconds(microseconds), .signerLook, named: "clock")
            case .waits:
                let counters = counters
                if counters.clockWait > .zero {
                    my.log.warning("tonces of the future are used up", counters.clockWait)
                }
                my.publish(.mtgoxSignerWaits, counters)
            case .skew(let microseconds):
                let offset = Duration.microseconds(microseconds)
                my.log.warning("the venue's clock differs", offset)
                my.publish(.clockSkew, ClockSkew(offset: offset))
            }
        }
    }

    // MARK: Files

    private func path(_ mark: String) -> String {
        let name = "\(seal?.key.description ?? "").\(mark)"
        return options.folder.map { "\($0)/\(name)" } ?? name
    }

    private func take(_ mark: String, _ floor: UInt64, _ count: UInt64, _ my: Context) {
        let path = path(mark)
        if options.folder != nil {
            return my.advanceMark(path, past: floor, by: count, then: .signerMark)
        }
        let taken: Outcome<UInt64, SystemError>
        do throws(SystemError) {
            taken = .success(try marks.take(path, past: floor, by: count))
        } catch { taken = .failure(error) }
        perform(machine.marked(taken, my.moment), my)
    }

    private func unlock(_ my: Context) {
        if let lock { my.unlockFile(lock) }
        lock = nil
    }
}

extension Context {
    fileprivate var moment: MtGoxSignerMachine.Moment { .init(wall: wallNow, now: now) }
}

extension StorageOutcome {
    fileprivate var mark: Outcome<UInt64, SystemError> {
        switch result {
        case .mark(let first): .success(first)
        case .failed(let error): .failure(error)
        default: .failure(SystemError(call: "advance \(path)", code: 22, message: "no number"))
        }
    }
}

extension Event where Payload == StorageOutcome {
    static let signerMark = Self("mtgox.signer.mark")
    static let signerLock = Self("mtgox.signer.lock")
}
extension Event where Payload == Void {
    static let signerLook = Self("mtgox.signer.look")
}
extension Event where Payload == UInt64 {
    static let signerLate = Self("mtgox.signer.late")
}
