namespace Multiprocess.Serialization;

/// <summary>The value of a nil: there is only one.</summary>
public readonly record struct Nil
{
    /// <summary>Nil.</summary>
    public static readonly Nil Default;
}
