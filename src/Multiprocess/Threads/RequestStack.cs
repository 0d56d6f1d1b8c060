namespace Multiprocess.Threads;

/// <summary>The numbers of open requests, innermost last.</summary>
/// <remarks>Not a list of numbers: that class is not compiled ahead, and its methods would be a part of every child's start.</remarks>
internal struct RequestStack()
{
    private long[] _requests = new long[4];
    private int _count;

    public readonly int Count => _count;

    /// <summary>The innermost one, or 0.</summary>
    public readonly long Top => Count > 0 ? _requests[Count - 1] : 0;

    public void Push(long request)
    {
        if (_count == _requests.Length)
        {
            long[] larger = new long[2 * _count];
            _requests.CopyTo(larger, 0);
            Volatile.Write(ref _requests, larger);
        }

        _requests[_count] = request;
        Volatile.Write(ref _count, _count + 1);
    }

    public void Pop() => Volatile.Write(ref _count, _count - 1);

    public readonly bool Contains(long request) => Array.IndexOf(_requests, request, 0, Count) >= 0;

    /// <summary>
    /// <see cref="Contains"/>, asked by another thread than the one that pushes and pops. It is right for a request that was
    /// pushed before the question and is popped after it; for any other it may say either.
    /// </summary>
    public bool MayContain(long request)
    {
        // The count first: an array that is read after it has at least as many.
        int count = Volatile.Read(ref _count);
        return Array.BinarySearch(Volatile.Read(ref _requests), 0, count, request) >= 0;
    }
}
