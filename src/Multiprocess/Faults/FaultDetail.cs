namespace Multiprocess.Faults;

/// <summary>How much of an exception is sent.</summary>
/// <param name="HasStack">Whether the stack trace is sent.</param>
/// <param name="MaxTextLength">The maximum length of the message, and of the stack trace, in characters each.</param>
internal readonly record struct FaultDetail(bool HasStack, int MaxTextLength);
