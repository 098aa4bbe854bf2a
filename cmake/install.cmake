# What `cmake --install` puts where: the C++ client for find_package(stockfold), whose target is stockfold::client.
# The program is installed by tools/.
include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/stockfold)

# The client, and what it is linked with.
foreach(library client protocol net storage_codec core)
  set_target_properties(stockfold_${library} PROPERTIES EXPORT_NAME ${library})
  install(TARGETS stockfold_${library} EXPORT stockfold ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
endforeach()
install(TARGETS stockfold_options EXPORT stockfold)

# <stockfold/client.h> and the headers that it includes. All of them are installed below stockfold/, and include each other by
# that path: nothing else of this project is on a user's include path.
set(client_headers
  core/command.h core/commit.h core/event.h core/fault.h core/ids.h core/movements.h core/numbers.h
  core/order_status.h core/outcome.h core/refusal.h core/signed_head.h core/state.h core/strong.h
  net/tls_options.h protocol/answer.h protocol/batch.h protocol/messages.h protocol/scope.h)
install(CODE "
  set(sources \"${PROJECT_SOURCE_DIR}\")
  set(headers \"${client_headers}\")
  set(target \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_INCLUDEDIR}/stockfold\")")
install(CODE [=[
  macro(install_header source destination)
    message(STATUS "Installing: ${destination}")
    file(READ "${source}" text)
    foreach(folder core net protocol)
      string(REPLACE "#include \"${folder}/" "#include \"stockfold/${folder}/" text "${text}")
    endforeach()
    file(WRITE "${destination}" "${text}")
  endmacro()
  install_header("${sources}/clients/cpp/include/stockfold/client.h" "${target}/client.h")
  foreach(header IN LISTS headers)
    install_header("${sources}/${header}" "${target}/${header}")
  endforeach()]=])

configure_package_config_file(cmake/stockfoldConfig.cmake.in stockfoldConfig.cmake INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(stockfoldConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/stockfoldConfig.cmake ${PROJECT_BINARY_DIR}/stockfoldConfigVersion.cmake
        DESTINATION ${package_dir})
install(EXPORT stockfold NAMESPACE stockfold:: FILE stockfoldTargets.cmake DESTINATION ${package_dir})

# As a service: the units, whose program is where this installation puts it, their user, and settings to begin with.
install(CODE "
  set(STOCKFOLD_PROGRAM \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_BINDIR}/stockfold\")
  foreach(name stockfold stockfold-backup)
    set(unit lib/systemd/system/\${name}.service)
    message(STATUS \"Installing: \${CMAKE_INSTALL_PREFIX}/\${unit}\")
    configure_file(\"${PROJECT_SOURCE_DIR}/packaging/\${name}.service.in\"
                   \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/\${unit}\" @ONLY)
  endforeach()")
install(FILES packaging/stockfold-backup.timer DESTINATION lib/systemd/system)
install(FILES packaging/stockfold.sysusers DESTINATION lib/sysusers.d RENAME stockfold.conf)
install(FILES packaging/stockfold.toml DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES packaging/prometheus/stockfold-alarms.yml DESTINATION ${CMAKE_INSTALL_DATADIR}/stockfold/prometheus)
