using Multiprocess.CapnProto.Messages;

namespace Multiprocess.CapnProto.Rpc.Wire;

/// <summary>The messages between two peers: their numbers, and the sizes of their structs.</summary>
internal static class RpcFormat
{
    /// <summary>A message: its kind is in the first two bytes, its struct is behind the pointer.</summary>
    public static CapnpStructSize Message => new(1, 1);

    public static CapnpStructSize Bootstrap => new(1, 1);

    public static CapnpStructSize Call => new(3, 3);

    public static CapnpStructSize Return => new(2, 1);

    public static CapnpStructSize Finish => new(1, 0);

    public static CapnpStructSize Resolve => new(1, 1);

    public static CapnpStructSize Release => new(1, 0);

    public static CapnpStructSize Disembargo => new(1, 1);

    public static CapnpStructSize Target => new(1, 1);

    public static CapnpStructSize PromisedAnswer => new(1, 1);

    public static CapnpStructSize Transform => new(1, 0);

    public static CapnpStructSize Payload => new(0, 2);

    public static CapnpStructSize Descriptor => new(1, 1);

    public static CapnpStructSize Exception => new(1, 2);
}

/// <summary>The kinds of messages.</summary>
internal enum MessageKind : ushort
{
    Unimplemented = 0,
    Abort = 1,
    Call = 2,
    Return = 3,
    Finish = 4,
    Resolve = 5,
    Release = 6,
    Bootstrap = 8,
    Disembargo = 13,
}

/// <summary>What a Return says.</summary>
internal enum ReturnKind : ushort
{
    Results = 0,
    Exception = 1,
    Canceled = 2,
    ResultsSentElsewhere = 3,
    TakeFromOtherQuestion = 4,
    AcceptFromThirdParty = 5,
}

/// <summary>Where the results of a Call go.</summary>
internal enum ResultsTo : ushort
{
    Caller = 0,
    Yourself = 1,
    ThirdParty = 2,
}

/// <summary>The kinds of capabilities in a message, from the sender's view.</summary>
internal enum DescriptorKind : ushort
{
    None = 0,
    SenderHosted = 1,
    SenderPromise = 2,
    ReceiverHosted = 3,
    ReceiverAnswer = 4,
    ThirdPartyHosted = 5,
}

/// <summary>The kinds of Disembargo messages.</summary>
internal enum DisembargoKind : ushort
{
    SenderLoopback = 0,
    ReceiverLoopback = 1,
}
