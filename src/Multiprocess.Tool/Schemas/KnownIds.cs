namespace Multiprocess.Tool.Schemas;

/// <summary>The numbers of libmultiprocess's schema, whose conventions the attributes express.</summary>
internal static class KnownIds
{
    public const ulong ProxyFile = 0xcc316e3f71a040fb;
    public const ulong ThreadMap = 0xee5e37179ad9dc9d;
    public const ulong Thread = 0x81c1e2600d0b56c5;
    public const ulong Context = 0x9c44e6645d0b22c6;

    public const ulong Wrap = 0xe6f46079b7b1405e;
    public const ulong Exception = 0x996a183200992f88;

    /// <summary>How C++ names a callback, in the text of <see cref="Wrap"/>.</summary>
    public const string Callback = "ProxyCallback<";

    /// <summary>The C++ exception of which only the message crosses.</summary>
    public const string AnyException = "std::exception";
}
