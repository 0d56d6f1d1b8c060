using Microsoft.CodeAnalysis;
using Multiprocess.Generator.Diagnostics;

namespace Multiprocess.Generator.Parsing;

/// <summary>Reads <c>[IpcMethod]</c> and refuses invalid values.</summary>
internal static class MethodOptions
{
    /// <summary>
    /// The time limit of a call: the accessor's, else its property's; 0 for the limit of the connection.
    /// </summary>
    public static int Timeout(ISymbol member, IMethodSymbol method, bool isOneWay, Location otherwise, FileScope scope)
    {
        int timeout = 0;
        foreach (var attribute in new[] { member, method }.Select(
            symbol => symbol.FindAttribute(WellKnownTypes.IpcMethod)).OfType<AttributeData>())
        {
            var place = Site.Of(attribute, otherwise);
            var given = attribute.NamedArguments.FirstOrDefault(
                argument => argument.Key == "TimeoutMilliseconds").Value.Value as int?;
            if (given < 0)
            {
                scope.Refusals.Add(
                    Rules.MethodOptions,
                    place,
                    member.Name,
                    $"a time limit of {given} milliseconds; it is 0, for the connection's own, or more");
            }
            else if (given > 0 && isOneWay)
            {
                scope.Refusals.Add(
                    Rules.MethodOptions,
                    place,
                    member.Name,
                    "a one-way call has no time limit, because nobody waits for it");
            }

            if (attribute.ConstructorArguments.FirstOrDefault().Value is 0u)
            {
                scope.Refusals.Add(Rules.MethodOptions, place, member.Name, "wire ids are from 1");
            }

            timeout = given ?? timeout;
        }

        return timeout;
    }
}
