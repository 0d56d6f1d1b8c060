using System.Diagnostics;
using Multiprocess.Protocols;

namespace Multiprocess.Threads;

/// <summary>
/// A thread of calls that runs through both processes. On each side one physical thread is bound to it.
/// </summary>
/// <remarks>
/// <para>
/// On the side that began it, the bound thread is the client thread; on the other side, a worker started for it.
/// Messages for it wait in its mailbox until the bound thread takes them.
/// </para>
/// <para>
/// States: live; retired (a call on it was abandoned: this side begins nothing new on it, but calls in progress end on
/// it); ended (both stacks are empty, and one side told the other).
/// </para>
/// <para>Every field is guarded by the connection's gate unless its comment says otherwise.</para>
/// </remarks>
internal sealed class LogicalThread
{
    // Bound thread only: its open requests, innermost last, and early answers to outer requests.
    private RequestStack _open = new();
    private List<Message>? _early;

    private Message? _first;
    private Message? _last;
    private HashSet<long>? _abandoned;
    private bool _retired;
    private int _abandonedCount;
    private long _innermost;
    private long _lastAnswered;
    private List<long>? _answeredBefore;
    private long _accepted;
    private long _answered;

    public LogicalThread(long id, Thread? owner)
    {
        Id = id;
        Owner = owner;
    }

    /// <summary>Positive when this side began the thread, negative when the peer did. Never changes.</summary>
    public long Id { get; }

    /// <summary>The client thread, on the side that began it. Never changes.</summary>
    public Thread? Owner { get; }

    /// <summary>The call stack of the bound physical thread. Set by that thread, read by any.</summary>
    public CallStack? Stack { get; set; }

    /// <summary>The name of the client thread; null when it has none or the peer did not send it.</summary>
    public string? Name { get; set; }

    /// <summary>Wakes the bound physical thread; null unless it waits here.</summary>
    public Parker? Waiter { get; set; }

    /// <summary>True while the thread is in the list of candidates for the reading role.</summary>
    public bool IsListed { get; set; }

    /// <summary>
    /// When the bound thread last left a wait here, and how long it is expected to stay away. Bound thread only.
    /// </summary>
    public TimeAway TimeAway { get; } = new();

    /// <summary>Work that the bound thread collected while it read. Bound thread only.</summary>
    public RoutedWork Work { get; } = new();

    /// <summary>
    /// True once this side abandoned a call on the thread. Set under the gate, read by the bound thread without it.
    /// </summary>
    public bool IsRetired
    {
        get => Volatile.Read(ref _retired);
        set => Volatile.Write(ref _retired, value);
    }

    /// <summary>True once the thread has ended: its worker stops when its mailbox is empty.</summary>
    public bool IsEnded { get; set; }

    /// <summary>True while the bound thread waits for an answer, so that the peer must be read.</summary>
    public bool IsAwaitingAnswer { get; set; }

    /// <summary>True while the mailbox is empty.</summary>
    public bool IsMailboxEmpty => _first is null;

    /// <summary>True once a worker was started for the thread, on the side that did not begin it.</summary>
    public bool HasWorker { get; set; }

    /// <summary>Number of this side's open calls on the thread. Bound thread only.</summary>
    public int OpenRequests => _open.Count;

    /// <summary>True once the peer knows the thread, or does not need to know it. Bound thread only.</summary>
    public bool IsAnnounced { get; set; }

    /// <summary>
    /// The thread for calls made inside a one-way call that runs while this thread waits: they are not part of its
    /// stack. Bound thread only.
    /// </summary>
    public LogicalThread? Aside { get; set; }

    /// <summary>True while an abandoned call on the thread has no answer yet. May be read without the gate.</summary>
    public bool HasAbandoned => Volatile.Read(ref _abandonedCount) > 0;

    /// <summary>
    /// The innermost open request, or 0. Written by the bound thread before it sends the request, and read by the
    /// router. So the router sees the request before any message that the peer sends inside it.
    /// </summary>
    public long Innermost => Volatile.Read(ref _innermost);

    /// <summary>
    /// Opens <paramref name="request"/>, for which the bound thread will wait. Called before it is sent.
    /// </summary>
    public void Open(long request)
    {
        Debug.Assert(_innermost < request, "Requests of one thread are opened in their order.");
        _open.Push(request);
        Volatile.Write(ref _innermost, request);
    }

    /// <summary>
    /// Ends the innermost wait if it is the one for <paramref name="request"/>. A request that could not be encoded was
    /// never opened.
    /// </summary>
    public void Close(long request)
    {
        Debug.Assert(_innermost == request || !_open.Contains(request), "A wait ends that is not the innermost one.");
        if (_innermost == request)
        {
            _open.Pop();
            Volatile.Write(ref _innermost, _open.Top);
        }
    }

    /// <summary>
    /// True when a call that the peer makes inside <paramref name="parent"/> (0 for none) may run here: exactly that
    /// request waits now. Under the gate.
    /// </summary>
    public bool Accepts(long parent) => Innermost == parent && (parent == 0 ? Id < 0 : parent != _lastAnswered);

    /// <summary>
    /// True when the requests of the two sides alternate on the thread: the peer has one open request for each request
    /// of this side that it was called inside, and no other. Under the gate.
    /// </summary>
    public bool IsPeersTurn => _accepted - Volatile.Read(ref _answered) == OpenRequests - (Id > 0 ? 1 : 0);

    /// <summary>Counts an accepted request of the peer that will be answered. Under the gate.</summary>
    public void NoteAccepted() => _accepted++;

    /// <summary>Counts an answer to the peer, before it is sent. Called by the thread that answers.</summary>
    public void NoteAnswered() => Interlocked.Increment(ref _answered);

    /// <summary>
    /// Records that the answer to <paramref name="request"/> has come: the peer can make no more calls inside that
    /// request. Under the gate.
    /// </summary>
    /// <returns>False when the request is not open or was answered before.</returns>
    public bool TryNoteAnswer(long request)
    {
        if (request == _lastAnswered
            || (request != Innermost && !_open.MayContain(request))
            || (_answeredBefore is not null && _answeredBefore.Contains(request)))
        {
            return false;
        }

        // The earlier request was answered but is still open, because inner requests run. It is remembered, so that a
        // second answer is refused.
        if (_lastAnswered != 0 && _open.MayContain(_lastAnswered))
        {
            _answeredBefore ??= [];
            _ = _answeredBefore.RemoveAll(answered => !_open.MayContain(answered));
            _answeredBefore.Add(_lastAnswered);
        }

        _lastAnswered = request;
        return true;
    }

    /// <summary>
    /// Keeps the answer to an outer request until the inner ones end. Such an answer comes early when the peer
    /// abandoned a call of its own that still runs here.
    /// </summary>
    /// <returns>False when no such request is open.</returns>
    public bool TryKeepEarly(Message answer)
    {
        if (!_open.Contains(answer.Request))
        {
            return false;
        }

        (_early ??= []).Add(answer);
        return true;
    }

    /// <summary>Removes and returns the early answer to <paramref name="request"/>; null when there is none.</summary>
    public Message? TakeEarly(long request)
    {
        for (int i = 0; _early is not null && i < _early.Count; i++)
        {
            if (_early[i].Request == request)
            {
                Message answer = _early[i];
                _early.RemoveAt(i);
                return answer;
            }
        }

        return null;
    }

    /// <summary>Adds a message. Returns the parker to wake outside the gate, or null.</summary>
    public Parker? Post(Message message)
    {
        if (_last is null)
        {
            _first = message;
        }
        else
        {
            _last.Next = message;
        }

        _last = message;
        Parker? waiter = Waiter;
        Waiter = null;
        return waiter;
    }

    /// <summary>Removes and returns the oldest message, or null.</summary>
    public Message? Take()
    {
        Message? message = _first;
        if (message is not null)
        {
            _first = message.Next;
            message.Next = null;
            if (_first is null)
            {
                _last = null;
            }
        }

        return message;
    }

    /// <summary>
    /// Records that nobody waits for <paramref name="request"/> any more, although the peer will still answer it.
    /// </summary>
    public void Abandon(long request)
    {
        (_abandoned ??= []).Add(request);
        Volatile.Write(ref _abandonedCount, _abandoned.Count);
    }

    /// <summary>True when <paramref name="request"/> was abandoned and has no answer yet.</summary>
    public bool IsAbandoned(long request) => _abandoned is not null && _abandoned.Contains(request);

    /// <summary>Records the answer to an abandoned request.</summary>
    public void Answered(long request)
    {
        if (_abandoned is not null && _abandoned.Remove(request))
        {
            Volatile.Write(ref _abandonedCount, _abandoned.Count);
        }
    }
}
