namespace Multiprocess;

/// <summary>A test has left something behind on its pair. Every test framework reports this as a failure.</summary>
public sealed class IpcTestLeakException : Exception
{
    internal IpcTestLeakException(IReadOnlyList<string> left, IReadOnlyList<IpcLiveObject> objects)
        : base($"The test has left behind:{string.Concat(left.Select(each => $"{Environment.NewLine}- {each}"))}")
        => Objects = objects;

    /// <summary>The objects that are still held across the pair, listed by the sides that own them.</summary>
    public IReadOnlyList<IpcLiveObject> Objects { get; }
}
