namespace Bitcoin.Descriptors.Miniscripts;

/// <summary>The kinds of expressions of miniscript.</summary>
internal enum Fragment
{
    Zero,
    One,
    KeyItself,
    KeyHash,
    Older,
    After,
    Sha256,
    Hash256,
    Ripemd160,
    Hash160,
    WrapA,
    WrapS,
    WrapC,
    WrapD,
    WrapV,
    WrapJ,
    WrapN,
    AndV,
    AndB,
    OrB,
    OrC,
    OrD,
    OrI,
    AndOr,
    Threshold,
    Multi,
    MultiA,
}
