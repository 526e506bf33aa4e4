import Dispatch
import Glibc
public import OutcryKernel
import Synchronization

// Locks of files. The system knows who holds one; this reactor keeps those of its kernel who wait in order,
// so that one thread a path is enough, whoever comes and goes.

/// What this reactor has, and wants, of one path's lock.
struct PathLock {
    /// The lock, while it is held, and whose it is.
    var held: (file: LockFile, request: RequestID)?
    /// Who wanted to know whether it can be had at once; a thread looks.
    var looking: RequestID?
    /// Whoever looks does not want it any more.
    var isUnwanted = false
    /// A thread waits for it. It cannot be called back: it gives back what nobody wants when it comes.
    var waiting: LockWish?
    /// Who waits for it, the oldest first.
    var waits: [RequestID] = [] { didSet { waiting?.isAlive = !waits.isEmpty } }

    /// There is nothing to remember.
    var isIdle: Bool { held == nil && looking == nil && waiting == nil && waits.isEmpty }
}

/// Whether anybody still wants the lock that a thread waits for.
final class LockWish: Sendable {
    private let word = Atomic(true)
    var isAlive: Bool {
        get { word.load(ordering: .relaxed) }
        set { word.store(newValue, ordering: .relaxed) }
    }
}

/// A lock, or why there is none, on its way to the kernel's thread.
struct LockOutcome: Sendable {
    let path: String
    let lock: Taken

    enum Taken: Sendable {
        case taken(LockFile)
        case failed(SystemError)
    }
}

extension Reactor {
    /// Locks a file with `flock`; the file is made where it is not there, and stays.
    ///
    /// The lock is the reactor's: who does not wait for it fails while another of this kernel has it, too.
    /// What waits does so on a thread of its own, one a path.
    public func lock(_ path: String, waits: Bool, _ request: RequestID) {
        if waits {
            locks[path, default: PathLock()].waits.append(request)
            return goOn(path)
        }
        guard locks[path] == nil else {
            return tell(request, .failed(SystemError(call: "flock \(path)", errno: EWOULDBLOCK)))
        }
        locks[path] = PathLock(looking: request)
        take(path, on: files.lane(path), nil)
    }

    /// Gives a lock back, or ends the wait for it.
    public func unlock(_ path: String, of request: RequestID) {
        guard let lock = locks[path] else { return }
        if lock.held?.request == request {
            locks[path]?.held = nil
        } else if lock.looking == request {
            locks[path]?.isUnwanted = true
        } else if let index = lock.waits.firstIndex(of: request) {
            locks[path]?.waits.remove(at: index)
            tell(request, canceled(path))
        }
        goOn(path)
    }

    /// A thread has come back.
    func settle(_ outcome: LockOutcome) {
        let path = outcome.path
        guard var lock = locks[path] else { return }
        let wanted: RequestID?
        if let looking = lock.looking {
            lock.looking = nil
            wanted = lock.isUnwanted ? nil : looking
            if lock.isUnwanted { tell(looking, canceled(path)) }
            lock.isUnwanted = false
        } else {
            lock.waiting = nil
            // What nobody wanted when it came may be wanted again.
            if case .failed(let error) = outcome.lock, error.code == ECANCELED {
                wanted = nil
            } else {
                wanted = lock.waits.isEmpty ? nil : lock.waits.removeFirst()
            }
        }
        if let wanted {
            switch outcome.lock {
            case .taken(let file):
                lock.held = (file, wanted)
                tell(wanted, .done)
            case .failed(let error): tell(wanted, .failed(error))
            }
        }
        locks[path] = lock
        goOn(path)
    }

    /// Lets a thread wait where somebody wants the lock and none does.
    private func goOn(_ path: String) {
        guard let lock = locks[path] else { return }
        if lock.isIdle {
            locks[path] = nil
        } else if lock.held == nil, lock.looking == nil, lock.waiting == nil, !lock.waits.isEmpty {
            let wish = LockWish()
            locks[path]?.waiting = wish
            take(path, on: DispatchQueue(label: "outcry.lock"), wish)
        }
    }

    /// Takes a lock on another thread; waits for it where there is a wish.
    private func take(_ path: String, on queue: DispatchQueue, _ wish: LockWish?) {
        let completions = completions
        queue.async {
            let lock: LockOutcome.Taken
            do throws(SystemError) {
                let file = try FileWork.lock(path, waits: wish != nil)
                guard wish?.isAlive ?? true else {
                    throw SystemError(call: "flock \(path)", errno: ECANCELED)
                }
                lock = .taken(file)
            } catch { lock = .failed(error) }
            completions.push(.lock(LockOutcome(path: path, lock: lock)))
        }
    }

    private func tell(_ request: RequestID, _ result: RequestResult) {
        outcomes.append((request, result))
    }

    private func canceled(_ path: String) -> RequestResult {
        .failed(SystemError(call: "flock \(path)", errno: ECANCELED))
    }
}
