namespace Multiprocess.Protocols;

/// <summary>The bits of the last element of a Hello. A receiver ignores bits that it does not know.</summary>
[Flags]
internal enum HelloAbilities : ulong
{
    None = 0,

    /// <summary>The sender supports moves into shared memory, and knows the message Memory.</summary>
    Memory = 1,
}
