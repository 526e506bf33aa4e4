/// What became of a request: a value or the reason why there is none.
///
/// `Result` without its constraint: a type with a constrained parameter is made at run time by a search
/// through the conformances of all libraries, the first of which makes a megabyte of them resident.
@frozen public enum Outcome<Value, Failure> {
    /// It was done.
    case success(Value)
    /// It was not.
    case failure(Failure)
}

extension Outcome: Sendable where Value: Sendable, Failure: Sendable {}
