namespace Bitcoin.Chain;

/// <summary>What a refusal means: who is to blame, and whether the same thing may be good later.</summary>
public enum RefusalKind
{
    /// <summary>It breaks a rule that all nodes share, now and for ever.</summary>
    Consensus,

    /// <summary>The header breaks such a rule.</summary>
    InvalidHeader,

    /// <summary>What came is not what its hash stands for: another form of it may be good.</summary>
    Mutated,

    /// <summary>It was refused before.</summary>
    CachedInvalid,

    /// <summary>Its parent is not known.</summary>
    MissingPrevious,

    /// <summary>Its parent was refused.</summary>
    InvalidPrevious,

    /// <summary>Its time has not come.</summary>
    TimeFuture,

    /// <summary>Its chain has too little work to be kept.</summary>
    LowWork,

    /// <summary>It spends what is not known, or spent.</summary>
    MissingInputs,

    /// <summary>It is valid, but not of a form that is passed on.</summary>
    NotStandard,

    /// <summary>It is valid, but this node's pool does not want it.</summary>
    Policy,

    /// <summary>The pool does not want it by itself; together with others it might.</summary>
    Reconsiderable,

    /// <summary>It spends too early.</summary>
    Premature,

    /// <summary>Its witness is missing.</summary>
    WitnessStripped,

    /// <summary>It is there already, or something that spends the same.</summary>
    Conflict,
}
