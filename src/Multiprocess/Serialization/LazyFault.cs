namespace Multiprocess.Serialization;

/// <summary>
/// What an iterator threw while its elements were asked for: user code that runs late, and no fault of encoding.
/// </summary>
internal sealed class LazyFault(Exception thrown) : Exception(thrown.Message, thrown)
{
    /// <summary>What the iterator threw.</summary>
    public Exception Thrown => InnerException!;
}
