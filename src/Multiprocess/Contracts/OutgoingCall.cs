using System.ComponentModel;
using System.Runtime.CompilerServices;
using Multiprocess.Serialization;

namespace Multiprocess.Contracts;

/// <summary>One call as its proxy makes it: write the arguments, send, read the results.</summary>
/// <remarks>Lives on the stack of the calling thread. <see cref="Dispose"/> takes back what was written for a call that was never sent.</remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public ref struct OutgoingCall
{
    /// <summary>Writes the next argument.</summary>
    public void Write<T, TCodec>(T value, [CallerArgumentExpression(nameof(value))] string? name = null)
        where TCodec : struct, IIpcCodec<T>
        => throw new NotImplementedException();

    /// <summary>Sends the call and waits for its answer, running calls that come back on this thread meanwhile.</summary>
    public void Send() => throw new NotImplementedException();

    /// <summary>Reads the next result: the return value first, then <c>ref</c> and <c>out</c> parameters in order.</summary>
    public T Read<T, TCodec>()
        where TCodec : struct, IIpcCodec<T>
        => throw new NotImplementedException();

    /// <summary>Sends the call; the task ends with its answer.</summary>
    public Task SendAsync() => throw new NotImplementedException();

    /// <summary>Sends the call; the task ends with its answer.</summary>
    public Task<T> SendAsync<T, TCodec>()
        where TCodec : struct, IIpcCodec<T>
        => throw new NotImplementedException();

    /// <summary>Sends a call that has no answer.</summary>
    public void SendOneWay() => throw new NotImplementedException();

    /// <summary>Gives the call's buffers back; takes back the references of a call that was never sent.</summary>
    public void Dispose() => throw new NotImplementedException();
}
