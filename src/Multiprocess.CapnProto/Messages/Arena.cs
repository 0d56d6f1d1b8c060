namespace Multiprocess.CapnProto.Messages;

/// <summary>The segments of one message.</summary>
internal abstract class Arena
{
    public abstract Segment? Find(uint id);

    /// <summary>Counts words against the traversal limit.</summary>
    /// <exception cref="IpcProtocolException">The limit is exceeded.</exception>
    public abstract void Charge(long words);
}
