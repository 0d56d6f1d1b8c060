namespace Multiprocess.CapnProto.Threads;

/// <summary>A call that is to be run by a certain thread. Exactly one of both actions is called.</summary>
/// <param name="Run">Runs the call, and does not throw.</param>
/// <param name="Refuse">Answers the call with the exception. May be called under the gate.</param>
internal sealed record ThreadWork(Action Run, Action<Exception> Refuse);
