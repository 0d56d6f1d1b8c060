namespace Bitcoin.Chain;

/// <summary>
/// The meaning of a refusal: whether the sender is to blame, and whether a later attempt may succeed.
/// </summary>
public enum RefusalKind
{
    /// <summary>It breaks a consensus rule, permanently.</summary>
    Consensus,

    /// <summary>The header breaks a consensus rule.</summary>
    InvalidHeader,

    /// <summary>The data does not match its hash. Other data with the same hash may be valid.</summary>
    Mutated,

    /// <summary>It was refused before.</summary>
    CachedInvalid,

    /// <summary>Its parent is unknown.</summary>
    MissingPrevious,

    /// <summary>Its parent was refused.</summary>
    InvalidPrevious,

    /// <summary>Its time is too far in the future.</summary>
    TimeFuture,

    /// <summary>Its chain has too little work to be kept.</summary>
    LowWork,

    /// <summary>It spends outputs that are unknown or spent.</summary>
    MissingInputs,

    /// <summary>It is valid, but not of a form that nodes relay.</summary>
    NotStandard,

    /// <summary>It is valid, but breaks a policy of this node's pool.</summary>
    Policy,

    /// <summary>The pool refuses it alone, but may accept it together with other transactions.</summary>
    Reconsiderable,

    /// <summary>It spends an output too early.</summary>
    Premature,

    /// <summary>Its witness is missing.</summary>
    WitnessStripped,

    /// <summary>The pool has it already, or has another transaction that spends the same output.</summary>
    Conflict,
}
