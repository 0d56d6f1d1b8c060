namespace Multiprocess.Threads;

/// <summary>The numbers of open requests, innermost last.</summary>
/// <remarks>
/// Not a <c>List&lt;long&gt;</c>: that type is not compiled ahead, and compiling its methods would slow every child's
/// start.
/// </remarks>
internal struct RequestStack()
{
    private long[] _requests = new long[4];
    private int _count;

    public readonly int Count => _count;

    /// <summary>The innermost request, or 0.</summary>
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
    /// Like <see cref="Contains"/>, but for a thread other than the owner. The result is right for a request that was
    /// pushed before this call and is popped after it; for any other request it may be either value.
    /// </summary>
    public bool MayContain(long request)
    {
        // The count first: the array read after it has at least that many entries.
        int count = Volatile.Read(ref _count);
        return count > 0 && Array.BinarySearch(Volatile.Read(ref _requests), 0, count, request) >= 0;
    }
}
