namespace Multiprocess.Threads;

/// <summary>The numbers of open requests, innermost last.</summary>
/// <remarks>Not a list of numbers: that class is not compiled ahead, and its methods would be a part of every child's start.</remarks>
internal struct RequestStack()
{
    private long[] _requests = new long[4];

    public int Count { get; private set; }

    /// <summary>The innermost one, or 0.</summary>
    public readonly long Top => Count > 0 ? _requests[Count - 1] : 0;

    public void Push(long request)
    {
        if (Count == _requests.Length)
        {
            Array.Resize(ref _requests, 2 * Count);
        }

        _requests[Count++] = request;
    }

    public void Pop() => Count--;

    public readonly bool Contains(long request) => Array.IndexOf(_requests, request, 0, Count) >= 0;
}
