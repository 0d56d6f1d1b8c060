namespace Bitcoin.Interfaces;

/// <summary>Which thread of which process ran a step of a call that goes back and forth.</summary>
/// <param name="Program">The program's name.</param>
/// <param name="ProcessId">The operating system's number of the process.</param>
/// <param name="ThreadId">The runtime's number of the thread.</param>
/// <param name="ThreadName">The thread's name; empty without one.</param>
public sealed record ThreadStep(string Program, int ProcessId, int ThreadId, string ThreadName);
