using System.Diagnostics.CodeAnalysis;
using System.Reflection;

namespace Multiprocess.Versions;

/// <summary>Names the arguments of a method for an error, as the contract names its parameters.</summary>
/// <remarks>A stub knows signatures without the names of parameters, which no call needs. So an error asks for them here.</remarks>
/// <param name="contract">The interface or delegate type.</param>
/// <param name="method">The method's name, or its accessor's.</param>
internal readonly struct ArgumentNames(Type contract, string? method)
{
    /// <summary>
    /// <c>argument 'name'</c>; <c>argument 1</c> where overloads leave the name open, or where a trimmed program has it no more.
    /// </summary>
    /// <param name="index">The place among the arguments that cross, from 0.</param>
    /// <param name="count">How many arguments cross.</param>
    [UnconditionalSuppressMessage("Trimming", "IL2070", Justification = "Methods that were trimmed are named by place.")]
    [UnconditionalSuppressMessage("Trimming", "IL2080", Justification = "Methods that were trimmed are named by place.")]
    [UnconditionalSuppressMessage("Trimming", "IL2075", Justification = "Methods that were trimmed are named by place.")]
    public string Of(int index, int count)
    {
        string? wanted = method;
        string?[] names =
        [
            .. contract.GetInterfaces().Prepend(contract)
                .SelectMany(type => type.GetMethods())
                .Where(candidate => candidate.Name == wanted)
                .Select(candidate => candidate.GetParameters().Where(Crosses).ToArray())
                .Where(parameters => parameters.Length == count && index < count)
                .Select(parameters => parameters[index].Name)
                .Distinct(),
        ];
        return names is [{ } name] ? $"argument '{name}'" : $"argument {index + 1}";
    }

    private static bool Crosses(ParameterInfo parameter) => !parameter.IsOut && parameter.ParameterType != typeof(CancellationToken);
}
