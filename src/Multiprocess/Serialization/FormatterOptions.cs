using System.Runtime.CompilerServices;
using MessagePack.Formatters;
using MessagePack.Resolvers;

namespace Multiprocess.Serialization;

/// <summary>
/// The options that formatters of MessagePack-CSharp are given where the connection's options name none.
/// </summary>
internal static class FormatterOptions
{
    /// <summary>
    /// The package's standard resolver, without what makes code at run time where that cannot be; never the typeless
    /// one. Data from a peer is untrusted.
    /// </summary>
    public static MessagePackSerializerOptions Default { get; } =
        new MessagePackSerializerOptions(Resolver()).WithSecurity(MessagePackSecurity.UntrustedData);

    private static IFormatterResolver Resolver()
        => RuntimeFeature.IsDynamicCodeSupported
            ? StandardResolver.Instance
            : CompositeResolver.Create(BuiltinResolver.Instance, AttributeFormatterResolver.Instance);
}
