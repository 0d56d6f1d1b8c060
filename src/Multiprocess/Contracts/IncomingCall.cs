using System.ComponentModel;
using System.Runtime.CompilerServices;
using Multiprocess.Serialization;

namespace Multiprocess.Contracts;

/// <summary>One call as its stub runs it: read the arguments, call the method, write the results.</summary>
/// <remarks>Lives on the stack of the thread that runs the call.</remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public ref struct IncomingCall
{
    /// <summary>The wire id of the method that is called.</summary>
    public uint MethodId => throw new NotImplementedException();

    /// <summary>Cancelled when the caller cancels, its time runs out, or the connection is lost.</summary>
    public CancellationToken CancellationToken => throw new NotImplementedException();

    /// <summary>Reads the next argument.</summary>
    public T Read<T, TCodec>()
        where TCodec : struct, IIpcCodec<T>
        => throw new NotImplementedException();

    /// <summary>Says that all arguments were read: the method runs next.</summary>
    public void EndArguments() => throw new NotImplementedException();

    /// <summary>Begins the answer of a synchronous method that returned.</summary>
    /// <param name="count">How many results are written next: the return value, then <c>ref</c> and <c>out</c> parameters in order.</param>
    public void BeginResults(int count) => throw new NotImplementedException();

    /// <summary>Writes the next result.</summary>
    public void Write<T, TCodec>(T value, [CallerArgumentExpression(nameof(value))] string? name = null)
        where TCodec : struct, IIpcCodec<T>
        => throw new NotImplementedException();

    /// <summary>Answers when <paramref name="task"/> ends.</summary>
    public void Answer(Task task) => throw new NotImplementedException();

    /// <summary>Answers with the task's result when it ends.</summary>
    public void Answer<T, TCodec>(Task<T> task)
        where TCodec : struct, IIpcCodec<T>
        => throw new NotImplementedException();

    /// <summary>Answers when <paramref name="task"/> ends.</summary>
    public void Answer(ValueTask task) => throw new NotImplementedException();

    /// <summary>Answers with the task's result when it ends.</summary>
    public void Answer<T, TCodec>(ValueTask<T> task)
        where TCodec : struct, IIpcCodec<T>
        => throw new NotImplementedException();

    /// <summary>Answers that the contract has no such method.</summary>
    public void MethodMissing() => throw new NotImplementedException();
}
