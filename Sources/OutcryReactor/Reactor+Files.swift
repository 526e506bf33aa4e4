import Dispatch
import Glibc
public import OutcryKernel

// Files, on Dispatch's threads. The operations on one path keep their order.

/// How far the lock of a path is.
enum LockState {
    /// It is being taken.
    case pending
    /// It is being taken and not wanted any more.
    case abandoned
    /// It is held.
    case held(LockFile)
}

extension Reactor {
    /// Reads a whole file.
    public func read(_ path: String, _ request: RequestID) {
        onLane(path, request) { () throws(SystemError) in .bytes(try FileWork.read(path)) }
    }

    /// Appends to a file; not forced to the disk.
    public func append(_ path: String, _ bytes: [UInt8], _ request: RequestID) {
        onLane(path, request) { () throws(SystemError) in
            try FileWork.append(path, bytes)
            return .done
        }
    }

    /// Replaces a file's content atomically and durably: a new file is written, synced and renamed, and its
    /// folder synced.
    public func replace(_ path: String, _ bytes: [UInt8], _ request: RequestID) {
        onLane(path, request) { () throws(SystemError) in
            try FileWork.replace(path, bytes)
            return .done
        }
    }

    /// Locks a file with `flock`; the file is made where it is not there, and stays.
    ///
    /// The lock is the reactor's: a second one on the same path fails, in this process too.
    public func lock(_ path: String, _ request: RequestID) {
        guard locks[path] == nil else {
            let error = SystemError(call: "flock \(path)", errno: EWOULDBLOCK)
            outcomes.append(Completion(request, .failed(error)))
            return
        }
        locks[path] = .pending
        let completions = completions
        files.lane(path).async {
            do throws(SystemError) {
                let lock = try FileWork.lock(path)
                completions.push(Completion(request, .done, lock: (path, lock)))
            } catch {
                completions.push(Completion(request, .failed(error), lock: (path, nil)))
            }
        }
    }

    /// Gives a lock back.
    public func unlock(_ path: String) {
        switch locks[path] {
        case .pending: locks[path] = .abandoned
        case .held: locks[path] = nil
        case .abandoned, nil: return
        }
    }

    /// Keeps the lock that an outcome brings, if it is still wanted.
    func settleLock(_ completion: Completion) -> RequestResult {
        guard let (path, lock) = completion.lock else { return completion.result }
        guard case .pending? = locks[path] else {
            locks[path] = nil
            return .failed(SystemError(call: "flock \(path)", errno: ECANCELED))
        }
        locks[path] = lock.map { .held($0) }
        return completion.result
    }

    private func onLane(
        _ path: String, _ request: RequestID,
        _ work: @escaping @Sendable () throws(SystemError) -> RequestResult
    ) {
        let completions = completions
        files.lane(path).async {
            do throws(SystemError) {
                completions.push(Completion(request, try work()))
            } catch {
                completions.push(Completion(request, .failed(error)))
            }
        }
    }
}
