namespace Multiprocess.Serialization;

/// <summary>
/// An exception that an iterator threw while its elements were read: a failure of user code that runs late, not of the
/// encoding.
/// </summary>
internal sealed class LazyFault(Exception thrown) : Exception(thrown.Message, thrown)
{
    /// <summary>The exception of the iterator.</summary>
    public Exception Thrown => InnerException!;
}
